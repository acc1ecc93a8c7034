/** What no trailer may say: framing, routing, and what this proxy says itself (RFC 9110 section 6.5.1). */
const FORBIDDEN =
  /^(?:transfer-encoding|content-(?:length|encoding|type|range)|host|connection|keep-alive|te|trailer|upgrade|expect|authorization|proxy-.*|x-forwarded-.*|x-request-id|x-gateway-destination-endpoint|x-breakwater-.*)$/i;

/** @param lines each with its CRLF, known to be NAME: VALUE */
export function allowedTrailers(lines: string): string {
  if (lines === '') return '';
  return lines
    .split('\r\n')
    .slice(0, -1)
    .filter(line => !FORBIDDEN.test(line.slice(0, line.indexOf(':'))))
    .map(line => `${line}\r\n`)
    .join('');
}
