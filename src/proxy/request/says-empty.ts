import type { RequestHead } from '../codec/request-head.ts';

/** Whether an empty body has its length said: where the client did, and where a body is expected (RFC 9110 section 8.6). */
export function saysEmpty({ method, facts }: RequestHead): boolean {
  return facts.contentLength === 0 || method === 'POST' || method === 'PUT' || method === 'PATCH';
}
