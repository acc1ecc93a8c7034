import type { HeaderMutation } from '../../plan/index.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { mutateHeaders } from '../route/header-mutation.ts';

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

export interface UpstreamRequestParts {
  readonly head: RequestHead;
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  readonly requestId: string;
  readonly scheme: 'http' | 'https';
  readonly clientAddress: string;
  readonly mutations: readonly HeaderMutation[];
  readonly upgrade: string | undefined;
}

/** All of the head but its framing lines and the closing empty line. */
export function upstreamHead(parts: UpstreamRequestParts): string {
  const { head } = parts;
  const dropped = head.facts.connectionNames;
  const headers: string[] = ['host', parts.host];
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
    forwardedFor + parts.clientAddress,
    'x-forwarded-proto',
    parts.scheme,
    'x-request-id',
    parts.requestId,
  );
  if (parts.upgrade !== undefined) headers.push('connection', 'upgrade', 'upgrade', parts.upgrade);
  for (const mutation of parts.mutations) mutateHeaders(headers, mutation);
  let text = `${head.method} ${parts.target} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}
