import { HOP_BY_HOP } from '../codec/connection-fields.ts';
import type { Forward } from '../request-context.ts';
import type { Dispatched } from './dispatched.ts';

/** A client must not place its own requests, nor speak in our name; hop-by-hop fields are not the request's (RFC 9110 section 7.6.1). */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'trailer',
  'expect',
  'x-request-id',
  'x-gateway-destination-endpoint',
]);

/** A request's head as a picker is shown it: with HTTP/2's pseudo-headers, as Envoy does. */
export function placementHeaders(
  { head, requestId }: Pick<Dispatched, 'head' | 'requestId'>,
  { host, target }: Forward,
  scheme: string,
): string[] {
  const headers = [':method', head.method, ':path', target, ':authority', host, ':scheme', scheme];
  const from = head.headers;
  for (let i = 0; i < from.length; i += 2) {
    const name = from[i] as string;
    if (LEFT_OUT.has(name) || name.startsWith('x-breakwater-')) continue;
    headers.push(name, from[i + 1] as string);
  }
  headers.push('x-request-id', requestId);
  return headers;
}
