import { isOurs } from './reserved-names.ts';

/** What no trailer may say: framing, routing, and what this proxy says itself (RFC 9110 section 6.5.1). */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'authorization',
  'x-request-id',
  'x-gateway-destination-endpoint',
]);

/**
 * @param lines each with its CRLF, known to be NAME: VALUE
 * @param named by the message's `connection`: hop-by-hop for it
 */
export function allowedTrailers(lines: string, named?: readonly string[]): string {
  let allowed = '';
  for (let at = 0; at < lines.length; ) {
    const next = lines.indexOf('\r\n', at) + 2;
    const name = lines.slice(at, lines.indexOf(':', at)).toLowerCase();
    if (!isForbidden(name) && named?.includes(name) !== true) allowed += lines.slice(at, next);
    at = next;
  }
  return allowed;
}

function isForbidden(name: string): boolean {
  return FORBIDDEN.has(name) || name.startsWith('proxy-') || name.startsWith('x-forwarded-') || isOurs(name);
}
