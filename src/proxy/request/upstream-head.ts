import type { HeaderMutation } from '../../plan/index.ts';
import { mutateHeaders } from '../../request/index.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ClientSide } from './client-side.ts';

/** Never passed on as they came: hop-by-hop (RFC 9110 section 7.6.1), framing, what is set anew, and what clients must not say. */
const DROPPED = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'x-request-id',
  'x-forwarded-proto',
  'x-gateway-destination-endpoint',
]);

/** Where the request goes, and what the filters of its rule and its backendRef do to it. */
export interface UpstreamTarget {
  readonly route: Mutating;
  readonly backend: Mutating;
  /** Path and query. */
  readonly target: string;
  readonly host: string;
}

interface Mutating {
  readonly requestHeaders: HeaderMutation;
}

/**
 * All of the head but its framing lines and the closing empty line.
 * @param changes by an external picker; they come before the filters
 */
export function upstreamHead(
  { route, backend, target, host }: UpstreamTarget,
  head: RequestHead,
  requestId: string,
  client: Pick<ClientSide, 'scheme' | 'address'>,
  changes?: HeaderMutation,
): string {
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
  const { upgrade } = head.facts;
  if (upgrade !== undefined) headers.push('connection', 'upgrade', 'upgrade', upgrade);
  if (changes !== undefined) mutateHeaders(headers, changes);
  mutateHeaders(headers, route.requestHeaders);
  mutateHeaders(headers, backend.requestHeaders);
  let text = `${head.method} ${target} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}
