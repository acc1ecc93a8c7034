import { skipSpace } from '../json/json-bytes.ts';
import { JsonParts } from '../json/json-parts.ts';
import { textAt } from '../json/json-text.ts';
import { FIRST_OF_PROMPT, KEYS, keyAt, MODEL, PREVIOUS_RESPONSE, STREAM } from './keys.ts';
import { JsonPrompt } from './prompt.ts';

/** Bytes of a model's name or a response's id that are kept. Kubernetes allows an InferenceModel 256 characters. */
export const MAX_NAME_BYTES = 1024;

/** How often the key may come. */
const MAX_MODELS = 16;

const QUOTE = 0x22;
const LOWER_T = 0x74;

/** A JSON object, read in one pass. */
export interface JsonBody {
  readonly model: string;
  readonly stream: boolean;
  readonly previousResponse: string;
  readonly prompt: JsonPrompt;
  /** Where each value of the top-level `model` begins and ends, by turns: a key that comes twice has two. */
  readonly models: readonly number[];
}

/** Why a body could not be read. */
export type JsonProblem = 'no JSON object' | 'beyond the bounds';

/** Where a JSON value begins: white space and a byte order mark, which Python's json takes, are passed over. */
export function valueStart(bytes: Buffer): number {
  return skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
}

/**
 * @param bytes UTF-8; of a text that is none, only that text suffers. `NaN` and `Infinity` are values, as for Python's json
 * @param open index of its opening brace
 */
export function readJsonBody(bytes: Buffer, open: number): JsonBody | JsonProblem {
  const parts = new JsonParts(bytes, open);
  const places: number[] = [];
  const models: number[] = [];
  for (let i = 0; i < 2 * KEYS.length; i++) places.push(-1);
  while (parts.next()) {
    const key = keyAt(bytes, parts.keyFrom, parts.keyTo);
    if (key === -1) continue;
    // Of a key that comes twice the last counts, as for JSON.parse and Python's json.
    places[2 * key] = parts.from;
    places[2 * key + 1] = parts.to;
    if (key !== MODEL) continue;
    if (models.length === 2 * MAX_MODELS) return 'beyond the bounds';
    models.push(parts.from, parts.to);
  }
  if (parts.state === 'beyond') return 'beyond the bounds';
  if (parts.state === 'wrong' || skipSpace(bytes, parts.end) < bytes.length) return 'no JSON object';
  return {
    model: name(bytes, places, MODEL),
    stream: bytes[places[2 * STREAM] as number] === LOWER_T,
    previousResponse: name(bytes, places, PREVIOUS_RESPONSE),
    prompt: new JsonPrompt(bytes, places.slice(2 * FIRST_OF_PROMPT)),
    models,
  };
}

/** '' where it is no text. */
function name(bytes: Buffer, places: readonly number[], key: number): string {
  const from = places[2 * key] as number;
  if (bytes[from] !== QUOTE) return '';
  return textAt(bytes, from, places[2 * key + 1] as number, MAX_NAME_BYTES);
}
