import { NO_TRAILER_PREFIXES, NO_TRAILERS } from '../../plan/index.ts';
import { isOurs } from './reserved-names.ts';

const FORBIDDEN: ReadonlySet<string> = new Set(NO_TRAILERS);

/**
 * Whether a field may follow a body (RFC 9110 section 6.5.1).
 * @param name in lower case
 * @param named fields that are for one hop, by what the message's head says
 */
export function mayTrail(name: string, named: readonly string[] | undefined): boolean {
  if (FORBIDDEN.has(name) || isOurs(name) || named?.includes(name) === true) return false;
  return !NO_TRAILER_PREFIXES.some(prefix => name.startsWith(prefix));
}
