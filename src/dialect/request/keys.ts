import { textAt } from '../json/json-text.ts';

/**
 * The top-level keys that are looked for. No dialect uses a key of another one for something else, so that the path
 * of a request need not be known: where a key holds what no prompt is (`text: { format }` of Responses), nothing comes of it.
 */
export const MODEL = 0;
export const STREAM = 1;
/** Responses: the answer that this request goes on from. */
export const PREVIOUS_RESPONSE = 2;
/** What follows is the prompt, in the order in which chat templates and model servers put it together. */
export const FIRST_OF_PROMPT = 3;

export const KEYS = [
  'model',
  'stream',
  'previous_response_id',
  // OpenAI, Anthropic: chat templates put tools before the messages.
  'tools',
  // Anthropic: text, or a list of blocks.
  'system',
  // Responses.
  'instructions',
  // OpenAI's completions: text, texts, token ids, lists of them.
  'prompt',
  // SGLang's /generate.
  'text',
  'input_ids',
  // vLLM's /inference/v1/generate.
  'token_ids',
  // OpenAI, Anthropic.
  'messages',
  // Responses, embeddings: text, items, texts, token ids, lists of them.
  'input',
] as const;

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
 * @returns index in {@link KEYS}, also of one with characters written as escapes; -1 for all others
 */
export function keyAt(bytes: Buffer, from: number, to: number): number {
  const length = to - from - 2;
  if (length > LONGEST * ESCAPE_BYTES) return -1;
  for (let at = from + 1; at < to - 1; at++) {
    if (bytes[at] === BACKSLASH)
      return KEYS.indexOf(textAt(bytes, from, to, LONGEST * ESCAPE_BYTES) as (typeof KEYS)[number]);
  }
  for (const key of BY_LENGTH[length] ?? []) if (equals(bytes, from + 1, key.bytes)) return key.index;
  return -1;
}

function equals(bytes: Buffer, from: number, other: Buffer): boolean {
  for (let i = 0; i < other.length; i++) if (bytes[from + i] !== other[i]) return false;
  return true;
}
