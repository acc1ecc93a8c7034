import { skipSpace } from '../json/json-bytes.ts';
import { JsonParts } from '../json/json-parts.ts';
import type { Asked } from './asked-values.ts';
import { FoundValues } from './found-values.ts';
import { CHOICES, CONTINUES, INCLUDE_USAGE, keyAt, MAX_TOKENS, MODEL, STREAM } from './keys.ts';
import { JsonPrompt, type Prompt } from './prompt.ts';
import { type Pieces, replaced } from './with-model.ts';

/** How often the key `model` may come. */
const MAX_MODELS = 16;

/** Why a body could not be read. */
export type JsonProblem = 'no JSON object' | 'beyond the bounds';

/** What a JSON object asks for. What few want to know is looked up when it is wanted. */
class JsonBody implements Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly prompt: Prompt;
  readonly unread = undefined;
  readonly #found: FoundValues;
  /** Where each value of the top-level `model` begins and ends, by turns: a key that comes twice has two. */
  readonly #models: readonly number[];

  constructor(found: FoundValues, models: readonly number[]) {
    this.model = found.name(MODEL);
    this.stream = found.isTrue(STREAM);
    this.prompt = new JsonPrompt(found);
    this.#found = found;
    this.#models = models;
  }

  get previousResponse(): string {
    return this.#found.nameAt(CONTINUES);
  }

  get maxTokens(): number | undefined {
    return this.#found.numberAt(MAX_TOKENS);
  }

  get choices(): number {
    return this.#found.numberAt(CHOICES) ?? 1;
  }

  get includeUsage(): boolean {
    return this.#found.isTrueAt(INCLUDE_USAGE);
  }

  withModel(model: string): Pieces {
    return replaced(this.#found.bytes, this.#models, Buffer.from(JSON.stringify(model)));
  }
}

/** Where a JSON value begins: white space and a byte order mark, which Python's json takes, are passed over. */
export function valueStart(bytes: Buffer): number {
  return skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
}

/**
 * Reads a JSON object in one pass.
 * @param bytes UTF-8; of a text that is none, only that text suffers. `NaN` and `Infinity` are values, as for Python's json
 * @param open index of its opening brace
 */
export function readJsonBody(bytes: Buffer, open: number): Asked | JsonProblem {
  const parts = new JsonParts(bytes, open);
  const found = new FoundValues(bytes);
  const models: number[] = [];
  while (parts.next()) {
    const key = keyAt(bytes, parts.keyFrom, parts.keyTo);
    if (key === -1) continue;
    found.put(key, parts.from, parts.to);
    if (key !== MODEL) continue;
    if (models.length === 2 * MAX_MODELS) return 'beyond the bounds';
    models.push(parts.from, parts.to);
  }
  if (parts.state === 'beyond') return 'beyond the bounds';
  if (parts.state === 'wrong' || skipSpace(bytes, parts.end) < bytes.length) return 'no JSON object';
  return new JsonBody(found, models);
}
