import { RESPONSES } from '../dialects/responses.ts';
import { AnswerScanner } from './answer-scanner.ts';

/** Of an answer so much is looked at for its id: the servers that we know say it first. */
const LOOKED_AT_BYTES = 64 * 1024;
/** So much at a time: what comes after the id, which nearly all say at once, need not be looked at. */
const LOOK_BYTES = 128;
/** Longer ones are nobody's. */
const MAX_ID_BYTES = 256;

/** POST …/responses: OpenAI's Responses, whose answer is kept by the server that made it. @param target path, and query if there is one */
export function makesResponse(method: string, target: string): boolean {
  if (method !== 'POST') return false;
  const query = target.indexOf('?');
  return target.endsWith('/responses', query === -1 ? target.length : query);
}

/** The id in `/v1/responses/ID`, `…/ID/cancel`, `…/ID/input_items`; '' elsewhere. @param path without its query */
export function responseIdIn(path: string): string {
  const at = path.lastIndexOf('/responses/');
  if (at === -1) return '';
  const from = at + '/responses/'.length;
  const slash = path.indexOf('/', from);
  const id = path.slice(from, slash === -1 ? undefined : slash);
  return id.length <= MAX_ID_BYTES ? id : '';
}

/** Looks for the id of a response in the first bytes of the answer that makes it: JSON, or events whose data is JSON. */
export class ResponseIdReader {
  readonly #scanner = new AnswerScanner(RESPONSES);
  #left = LOOKED_AT_BYTES;
  #over = false;

  /** There is nothing more to be found. */
  get over(): boolean {
    return this.#over;
  }

  /** @returns the id, once; '' until then */
  push(piece: Buffer, end: boolean): string {
    if (this.#over) return '';
    const { answer } = this.#scanner;
    const length = Math.min(piece.length, this.#left);
    for (let at = 0; at < length && answer.id === ''; at += LOOK_BYTES)
      this.#scanner.push(piece.subarray(at, Math.min(length, at + LOOK_BYTES)));
    this.#left -= length;
    this.#over = end || this.#left === 0 || answer.id !== '';
    return answer.id;
  }
}
