import type { HeaderMutation } from '../../plan/index.ts';
import { mutateHeaders } from '../../request/index.ts';
import { isOurs } from '../codec/reserved-names.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { ResponseFraming } from '../http1/upstream/try-events.ts';
import { dateHeader, reasonPhrase } from './reply-text.ts';

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
    if (DROPPED.has(name) || isOurs(name) || head.facts.connectionNames?.includes(name) === true) continue;
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

/** What of a body is written now; without chunks of its server's, in chunks of our own. */
export function relayed(
  framing: ResponseFraming,
  bytes: Buffer | undefined,
  end: boolean,
): readonly Buffer[] {
  if (framing === 'close') return closeDelimited(bytes, end);
  return bytes === undefined || bytes.length === 0 ? NOTHING : [bytes];
}

const NOTHING: readonly Buffer[] = [];

/** A last event, as a chunk, for a client whose events break off. */
export function errorEvent(message: string, code: number): string {
  const error = { error: { message, type: 'upstream_error', param: null, code } };
  const event = `event: error\ndata: ${JSON.stringify(error)}\n\n`;
  return `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`;
}

function closeDelimited(bytes: Buffer | undefined, end: boolean): Buffer[] {
  const out: Buffer[] = [];
  if (bytes !== undefined && bytes.length > 0) {
    out.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n'));
  }
  if (end) out.push(Buffer.from('0\r\n\r\n'));
  return out;
}
