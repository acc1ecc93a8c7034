import { STATUS_CODES } from 'node:http';
import type { HeaderMutation } from '../../plan/index.ts';
import { FAULT_REPLY, type LocalReply, mutateHeaders } from '../../request/index.ts';

/** What a reply is sent with. */
export interface ReplyParts {
  readonly requestId: string;
  /** More header lines: name, value, … */
  readonly extra: readonly string[];
  /** Of the route and its backend: they act on our own answers too, as Envoy's do. */
  readonly mutations: readonly HeaderMutation[];
  readonly close: boolean;
  /** A HEAD request gets no body. */
  readonly withBody: boolean;
  readonly nowMs: number;
}

/** The reply as it is written; latin1. */
export function replyText(reply: LocalReply, parts: ReplyParts): string {
  const body = Buffer.from(reply.body);
  const headers = [
    ...reply.headers,
    ...parts.extra,
    'content-length',
    String(body.length),
    'date',
    dateHeader(parts.nowMs),
    'x-request-id',
    parts.requestId,
  ];
  for (const mutation of parts.mutations) mutateHeaders(headers, mutation);
  if (parts.close) headers.push('connection', 'close');
  let text = `HTTP/1.1 ${reply.status} ${reasonPhrase(reply.status)}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n${parts.withBody ? body.toString('latin1') : ''}`;
}

/** The answer to a request that something of ours threw in; without the filters of its route, one of which may be what throws. */
export function faultText(requestId: string, withBody: boolean, nowMs: number): string {
  return replyText(FAULT_REPLY, { requestId, extra: [], mutations: [], close: true, withBody, nowMs });
}

export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown';
}

let dateText = '';
let dateSecond = 0;

/** IMF-fixdate of now, made once a second (RFC 9110 section 5.6.7). */
export function dateHeader(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
