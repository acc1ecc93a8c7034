import { mayTrail } from '../codec/trailing-fields.ts';

/**
 * @param lines each with its CRLF, known to be NAME: VALUE
 * @param named by the message's `connection`: hop-by-hop for it
 */
export function allowedTrailers(lines: string, named?: readonly string[]): string {
  let allowed = '';
  for (let at = 0; at < lines.length; ) {
    const next = lines.indexOf('\r\n', at) + 2;
    const name = lines.slice(at, lines.indexOf(':', at)).toLowerCase();
    if (mayTrail(name, named)) allowed += lines.slice(at, next);
    at = next;
  }
  return allowed;
}

/** The same as name, value, name, value, … */
export function trailerFields(lines: string, named?: readonly string[]): string[] {
  const fields: string[] = [];
  for (const line of allowedTrailers(lines, named).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.push(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

/** What ends a body in chunks (RFC 9112 section 7.1). @param fields name, value, … */
export function lastChunk(fields: readonly string[]): string {
  let text = '0\r\n';
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${text}\r\n`;
}
