import { NO_TRAILER_PREFIXES, NO_TRAILERS } from '../../plan/index.ts';
import { isOurs } from '../codec/reserved-names.ts';

const FORBIDDEN: ReadonlySet<string> = new Set(NO_TRAILERS);

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
  return FORBIDDEN.has(name) || isOurs(name) || NO_TRAILER_PREFIXES.some(prefix => name.startsWith(prefix));
}
