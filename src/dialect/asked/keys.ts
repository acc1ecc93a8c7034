import type { Dialect, PromptKey, RequestShape } from '../dialect.ts';
import { DIALECTS } from '../dialect-table.ts';
import { standsAt } from '../json/json-bytes.ts';
import { textAt } from '../json/json-text.ts';
import { mergeOrders } from './merge-orders.ts';

/*
 * The top-level keys that are looked for: those of every dialect together. No dialect uses a key of another one for something
 * else, so that the path of a request need not be known: where a key holds what no prompt is (`text: { format }` of
 * Responses), nothing comes of it.
 */

export const MODEL = 0;
export const STREAM = 1;

/** The keys from here on, up to {@link END_OF_PROMPT}, are the prompt, in the order in which it is put together. */
export const FIRST_OF_PROMPT = 2;

const PROMPT = mergeOrders(DIALECTS.map(({ request }) => request.prompt.map(nameOf)));
export const END_OF_PROMPT = FIRST_OF_PROMPT + PROMPT.length;

const KEYS: string[] = ['model', 'stream', ...PROMPT];

const AS_WRITTEN = DIALECTS.flatMap(({ request }) => request.prompt.filter(key => typeof key === 'object'));
/** By key: its value counts as it is written. */
export const IS_AS_WRITTEN: readonly boolean[] = KEYS.map(name =>
  AS_WRITTEN.some(key => nameOf(key) === name),
);

/** Where a value is looked for. */
export interface Place {
  readonly key: number;
  /** The name of a key in the object there; undefined: the value itself. */
  readonly inner: string | undefined;
}

export const MAX_TOKENS = placesOf('maxTokens');
export const CHOICES = placesOf('choices');
export const INCLUDE_USAGE = placesOf('includeUsage');
export const CONTINUES = placesOf('continues');

function nameOf(key: PromptKey): string {
  return typeof key === 'string' ? key : key.asWritten;
}

/** The places of all dialects, which are looked at in this order. */
function placesOf(what: Exclude<keyof RequestShape, 'prompt'>): readonly Place[] {
  const places = new Set(DIALECTS.flatMap(({ request }: Dialect) => request[what] ?? []));
  return [...places].map(place => {
    const [key = '', inner] = place.split('.');
    if (!KEYS.includes(key)) KEYS.push(key);
    return { key: KEYS.indexOf(key), inner };
  });
}

interface Key {
  readonly bytes: Buffer;
  readonly index: number;
}

const BY_LENGTH: Key[][] = [];
KEYS.forEach((key, index) => {
  const same = BY_LENGTH[key.length] ?? [];
  BY_LENGTH[key.length] = same;
  same.push({ bytes: Buffer.from(key), index });
});
const LONGEST = BY_LENGTH.length - 1;
const BACKSLASH = 0x5c;
/** `\u0065` for `e`. */
const ESCAPE_BYTES = 6;

/**
 * @param from index of the opening quote
 * @param to index after the closing one
 * @returns which of the keys it is, also of one with characters written as escapes; -1 for all others
 */
export function keyAt(bytes: Buffer, from: number, to: number): number {
  const length = to - from - 2;
  if (length > LONGEST * ESCAPE_BYTES) return -1;
  for (let at = from + 1; at < to - 1; at++) {
    if (bytes[at] === BACKSLASH) return KEYS.indexOf(textAt(bytes, from, to, LONGEST * ESCAPE_BYTES));
  }
  const same = BY_LENGTH[length];
  if (same === undefined) return -1;
  for (let i = 0; i < same.length; i++) {
    const key = same[i] as Key;
    if (standsAt(bytes, from + 1, key.bytes)) return key.index;
  }
  return -1;
}
