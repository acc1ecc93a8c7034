import { STATUS_CODES } from 'node:http';
import type { Overflow } from '../../limits/index.ts';

/** An answer that this proxy makes itself. */
export interface LocalReply {
  readonly status: number;
  /** name (lower case), value, … without content-length and date */
  readonly headers: readonly string[];
  readonly body: string;
}

const TEXT = ['content-type', 'text/plain'] as const;
const RESET = 'upstream connect error or disconnect/reset before headers. ';

export function textReply(status: number, body: string): LocalReply {
  return { status, headers: body === '' ? [] : TEXT, body };
}

/** An error in the shape that OpenAI's clients read. */
export function openAiError(status: number, type: string, message: string): LocalReply {
  return {
    status,
    headers: ['content-type', 'application/json'],
    body: JSON.stringify({ error: { message, type, param: null, code: status } }),
  };
}

/** Envoy's answer to an overflow, byte for byte, with what it is about and when to come back. */
export function overflowReply(overflow: Overflow): LocalReply {
  const headers = [
    ...TEXT,
    'x-envoy-overloaded',
    'true',
    'x-breakwater-reason',
    `limit=${overflow.limit}; scope="${overflow.scope}"; in-use=${overflow.inUse}; max=${overflow.max}`,
  ];
  if (overflow.retryAfterSeconds !== undefined)
    headers.push('retry-after', String(overflow.retryAfterSeconds));
  return { status: 503, headers, body: `${RESET}reset reason: overflow` };
}

/** How a try ended without a whole answer, in Envoy's words. */
export type FailureKind = 'connect-failure' | 'connect-timeout' | 'reset' | 'protocol-error' | 'timeout';

export function failureReply(kind: FailureKind, detail: string): LocalReply {
  switch (kind) {
    case 'connect-failure':
      return textReply(
        503,
        `${RESET}reset reason: remote connection failure, transport failure reason: delayed connect error: ${detail}`,
      );
    case 'connect-timeout':
      return textReply(503, `${RESET}reset reason: connection timeout`);
    case 'reset':
      return textReply(503, `${RESET}reset reason: connection termination`);
    case 'protocol-error':
      return textReply(502, `${RESET}reset reason: protocol error`);
    case 'timeout':
      return textReply(504, 'upstream request timeout');
  }
}

export const NO_HEALTHY_UPSTREAM = textReply(503, 'no healthy upstream');

export const SHED_REPLY = openAiError(
  429,
  'RateLimitError',
  'All model servers are saturated and this request is sheddable.',
);

/** What a reply is sent with. */
export interface ReplyParts {
  readonly requestId: string;
  /** More header lines: name, value, … */
  readonly extra: readonly string[];
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
  if (parts.close) headers.push('connection', 'close');
  let text = `HTTP/1.1 ${reply.status} ${reasonPhrase(reply.status)}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n${parts.withBody ? body.toString('latin1') : ''}`;
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
