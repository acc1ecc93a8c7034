import { dateField } from '../../codec/date-field.ts';
import { reasonPhrase } from '../reason-phrase.ts';

/** Of a message that was read, but is not answered: Envoy says nothing more. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['HTTP_HOST', 'HTTP_MISDIRECTED']);

export interface Refusal {
  readonly status: number;
  /** Why, as a code. */
  readonly code: string;
  /** Why, in words. */
  readonly message: string;
}

/** The answer to bytes that are no request, Envoy's; the connection is closed after it. */
export function refusalText({ status, code }: Refusal, nowMs: number): string {
  const body = WITHOUT_BODY.has(code) ? '' : status === 408 ? 'request header timeout' : reasonPhrase(status);
  return (
    `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\ncontent-length: ${body.length}\r\n` +
    `${body === '' ? '' : 'content-type: text/plain\r\n'}date: ${dateField(nowMs)}\r\n` +
    `x-breakwater-reason: ${code}\r\nconnection: close\r\n\r\n${body}`
  );
}
