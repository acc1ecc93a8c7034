import { skipSpace } from '../json/json-bytes.ts';
import { JsonParts } from '../json/json-parts.ts';
import { textAt } from '../json/json-text.ts';

/** Of an answer so much is looked at for its id: the servers that we know say it first. */
const LOOKED_AT_BYTES = 64 * 1024;
const FIRST_LOOK_BYTES = 256;
/** So many ends of lines are looked at when they come, for the events of a stream. */
const MOST_LOOKS = 32;
/** Longer ones are nobody's. */
const MAX_ID_BYTES = 256;

const LF = 0x0a;
const OPEN_BRACE = 0x7b;
const QUOTE = 0x22;

/** POST …/responses: OpenAI's Responses, whose answer is kept by the server that made it. @param path without its query */
export function makesResponse(method: string, path: string): boolean {
  return method === 'POST' && path.endsWith('/responses');
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
  #bytes = Buffer.alloc(0);
  #length = 0;
  #nextLook = FIRST_LOOK_BYTES;
  #looks = 0;
  #over = false;

  /** There is nothing more to be found. */
  get over(): boolean {
    return this.#over;
  }

  /** @returns the id, once; '' until then */
  push(piece: Buffer, end: boolean): string {
    if (this.#over) return '';
    const taken = this.#keep(piece);
    const full = this.#length === LOOKED_AT_BYTES;
    const line = taken.includes(LF) && this.#looks++ < MOST_LOOKS;
    if (!end && !full && !line && this.#length < this.#nextLook) return '';
    this.#nextLook = this.#length * 2;
    const id = idIn(this.#bytes.subarray(0, this.#length));
    this.#over = end || full || id !== '';
    if (this.#over) this.#bytes = Buffer.alloc(0);
    return id;
  }

  #keep(piece: Buffer): Buffer {
    const taken = piece.subarray(0, LOOKED_AT_BYTES - this.#length);
    const length = this.#length + taken.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(LOOKED_AT_BYTES, 2 * length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    taken.copy(this.#bytes, this.#length);
    this.#length = length;
    return taken;
  }
}

/** @param bytes the begin of an answer; it may be cut off anywhere */
function idIn(bytes: Buffer): string {
  const open = skipSpace(bytes, 0);
  if (bytes[open] === OPEN_BRACE) return idOf(bytes, open);
  for (let line = 0, tried = 0; line !== -1 && tried < MOST_LOOKS; tried++) {
    const next = bytes.indexOf(LF, line);
    if (bytes.toString('latin1', line, line + 5) === 'data:') {
      const from = skipSpace(bytes, line + 5);
      const end = next === -1 ? bytes.length : next;
      if (bytes[from] === OPEN_BRACE) {
        const id = idOf(bytes.subarray(0, end), from);
        if (id !== '') return id;
      }
    }
    line = next === -1 ? -1 : next + 1;
  }
  return '';
}

/** `id`, or that of `response` in an event. */
function idOf(bytes: Buffer, open: number): string {
  const parts = new JsonParts(bytes, open);
  let own = '';
  for (let more = true; more; ) {
    more = parts.next();
    if (parts.keyFrom === -1 || (!more && parts.state === 'ended')) break;
    const key = bytes.toString('latin1', parts.keyFrom + 1, Math.min(parts.keyTo, parts.keyFrom + 12) - 1);
    // The object of an event may be cut off after its id.
    if (key === 'response' && bytes[parts.from] === OPEN_BRACE) return textOf(bytes, parts.from, 'id');
    if (more && key === 'id' && bytes[parts.from] === QUOTE)
      own = textAt(bytes, parts.from, parts.to, MAX_ID_BYTES);
  }
  return own;
}

function textOf(bytes: Buffer, open: number, name: string): string {
  const parts = new JsonParts(bytes, open);
  while (parts.next()) {
    if (parts.keyTo - parts.keyFrom !== name.length + 2 || bytes[parts.from] !== QUOTE) continue;
    if (bytes.toString('latin1', parts.keyFrom + 1, parts.keyTo - 1) === name)
      return textAt(bytes, parts.from, parts.to, MAX_ID_BYTES);
  }
  return '';
}
