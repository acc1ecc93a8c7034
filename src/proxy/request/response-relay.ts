import type { HeaderMutation } from '../../plan/index.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { mutateHeaders } from '../route/header-mutation.ts';
import type { ResponseFraming } from '../upstream/upstream-try.ts';
import { dateHeader, reasonPhrase } from './local-reply.ts';

const DROPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]);

export interface ClientHeadParts {
  readonly head: ResponseHead;
  readonly framing: ResponseFraming;
  readonly requestId: string;
  readonly mutations: readonly HeaderMutation[];
  readonly close: boolean;
  readonly extra: readonly string[];
  readonly nowMs: number;
}

/** The head of an upstream's response as the client gets it, with its closing empty line. */
export function clientHead(parts: ClientHeadParts): string {
  const { head } = parts;
  const headers: string[] = [];
  let date = false;
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = head.headers[i] as string;
    if (DROPPED.has(name) || head.facts.connectionNames?.includes(name) === true) continue;
    // RFC 9110 section 8.6: no length with 204.
    if (head.status === 204 && name === 'content-length') continue;
    date ||= name === 'date';
    headers.push(name, head.headers[i + 1] as string);
  }
  if (!date) headers.push('date', dateHeader(parts.nowMs));
  headers.push('x-request-id', parts.requestId, ...parts.extra);
  for (const mutation of parts.mutations) mutateHeaders(headers, mutation);
  if (head.facts.upgrade !== undefined && head.status === 101) {
    headers.push('connection', 'upgrade', 'upgrade', head.facts.upgrade);
  } else {
    // A body that the closing of the upstream's connection ends is chunked for the client: its end is then sure.
    if (parts.framing === 'chunked' || parts.framing === 'close')
      headers.push('transfer-encoding', 'chunked');
    if (parts.close) headers.push('connection', 'close');
  }
  let text = `HTTP/1.1 ${head.status} ${head.reason || reasonPhrase(head.status)}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/**
 * Passes a body on. Server-sent events in chunks are passed on whole: what has come of an event that is not whole yet
 * is held back, up to a bound, so that a broken stream can be told to the client between two events.
 */
export class ResponseRelay {
  readonly #framing: ResponseFraming;
  readonly #events: boolean;
  readonly #maxHeldBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #betweenEvents = true;
  #lastBytes = '';

  constructor(framing: ResponseFraming, contentType: string, maxHeldBytes: number) {
    this.#framing = framing;
    // In a body with a length no event can be put.
    this.#events = framing !== 'length' && contentType.toLowerCase().startsWith('text/event-stream');
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** @returns what is to be written now, in order */
  push(bytes: Buffer | undefined, end: boolean, boundary: number): readonly Buffer[] {
    if (this.#framing === 'close') {
      if (this.#events && bytes !== undefined) this.#noteEnd(bytes);
      return closeDelimited(bytes, end);
    }
    if (!this.#events || end || (bytes !== undefined && boundary === bytes.length)) {
      this.#betweenEvents = true;
      return this.#flushHeld(bytes);
    }
    if (bytes === undefined) return [];
    const out = boundary > 0 ? this.#flushHeld(bytes.subarray(0, boundary)) : [];
    if (boundary > 0) this.#betweenEvents = true;
    const tail = bytes.subarray(boundary);
    if (!this.#betweenEvents || this.#heldBytes + tail.length > this.#maxHeldBytes) {
      this.#betweenEvents = false;
      return [...out, ...this.#flushHeld(tail)];
    }
    this.#held.push(tail);
    this.#heldBytes += tail.length;
    return out;
  }

  /** A last event for a client whose stream breaks off; undefined where none can be put in. */
  errorEvent(message: string): string | undefined {
    if (!this.#events || !this.#betweenEvents) return undefined;
    const error = { error: { message, type: 'upstream_error', param: null, code: 502 } };
    const event = `event: error\ndata: ${JSON.stringify(error)}\n\n`;
    return `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`;
  }

  /** Without chunks nothing is held back: it is only known whether an event is whole. */
  #noteEnd(bytes: Buffer): void {
    this.#lastBytes = (this.#lastBytes + bytes.toString('latin1', Math.max(0, bytes.length - 3))).slice(-3);
    this.#betweenEvents = /\n\r?\n$/.test(this.#lastBytes);
  }

  #flushHeld(bytes: Buffer | undefined): Buffer[] {
    const out = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (bytes !== undefined && bytes.length > 0) out.push(bytes);
    return out;
  }
}

function closeDelimited(bytes: Buffer | undefined, end: boolean): Buffer[] {
  const out: Buffer[] = [];
  if (bytes !== undefined && bytes.length > 0) {
    out.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n'));
  }
  if (end) out.push(Buffer.from('0\r\n\r\n'));
  return out;
}
