import type { HeaderMutation } from '../../plan/index.ts';
import { mutateHeaders } from '../../request/index.ts';
import type { ClientStream } from '../codec/client-stream.ts';
import { HOP_BY_HOP, REQUEST_FRAMING } from '../codec/connection-fields.ts';
import type { RequestHead } from '../codec/request-head.ts';

/** Never passed on as they came: hop-by-hop, framing, what is set anew, and what clients must not say. */
const DROPPED = new Set([
  ...HOP_BY_HOP,
  ...REQUEST_FRAMING,
  'host',
  'x-request-id',
  'x-forwarded-proto',
  'x-gateway-destination-endpoint',
]);

/** Where the request goes, and what the filters of its rule and its backendRef do to it. */
export interface UpstreamTarget {
  readonly route: Mutating;
  readonly backend: Mutating;
  readonly host: string;
}

interface Mutating {
  readonly requestHeaders: HeaderMutation;
}

/**
 * What a request is sent with: name, value, …, `host` first.
 * @param changes by an external picker; they come before the filters
 */
export function upstreamHeaders(
  { route, backend, host }: UpstreamTarget,
  head: RequestHead,
  requestId: string,
  client: Pick<ClientStream, 'scheme' | 'address'>,
  changes?: HeaderMutation,
): string[] {
  const dropped = head.facts.connectionNames;
  const headers: string[] = ['host', host];
  let forwardedFor = '';
  const from = head.headers;
  for (let i = 0; i < from.length; i += 2) {
    const name = from[i] as string;
    if (name === 'x-forwarded-for') {
      forwardedFor += `${from[i + 1]},`;
      continue;
    }
    // Trailers are passed on (RFC 9110 section 10.1.4).
    if (name === 'te' && from[i + 1] === 'trailers') {
      headers.push(name, 'trailers');
      continue;
    }
    if (DROPPED.has(name) || name.startsWith('x-breakwater-') || dropped?.includes(name) === true) continue;
    headers.push(name, from[i + 1] as string);
  }
  headers.push(
    'x-forwarded-for',
    forwardedFor + client.address,
    'x-forwarded-proto',
    client.scheme,
    'x-request-id',
    requestId,
  );
  if (changes !== undefined) mutateHeaders(headers, changes);
  mutateHeaders(headers, route.requestHeaders);
  mutateHeaders(headers, backend.requestHeaders);
  return headers;
}
