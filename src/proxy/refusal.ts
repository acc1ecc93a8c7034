import type { HttpSyntaxError } from './http1/syntax-error.ts';
import { dateHeader, reasonPhrase } from './request/local-reply.ts';

/** The answer to bytes that are no request; the connection is closed after it. */
export function refusalText({ status, code }: HttpSyntaxError, nowMs: number): string {
  return (
    `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\ncontent-length: 0\r\ndate: ${dateHeader(nowMs)}\r\n` +
    `x-breakwater-reason: ${code}\r\nconnection: close\r\n\r\n`
  );
}
