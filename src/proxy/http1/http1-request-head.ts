import type { RequestHead } from '../codec/request-head.ts';
import { FieldFacts, readFields } from './header-fields.ts';
import { HttpSyntaxError } from './syntax-error.ts';

/** A request line with its fields (RFC 9112 section 3); its target in the origin form or the absolute form. */
export interface Http1RequestHead extends RequestHead {
  readonly facts: FieldFacts;
}

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 3986 without the fragment, and obs-text, which clients do send. */
const TARGET = /^[\x21-\x22\x24-\x7e\x80-\xff]+$/;
const AUTHORITY = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/**
 * @param text the head without its closing empty line, as latin1
 * @throws HttpSyntaxError
 */
export function parseRequestHead(text: string, maxFields: number): Http1RequestHead {
  const lineEnd = text.indexOf('\r\n');
  const line = lineEnd === -1 ? text : text.slice(0, lineEnd);
  const sp1 = line.indexOf(' ');
  const sp2 = line.lastIndexOf(' ');
  if (sp1 <= 0 || sp2 === sp1) {
    throw new HttpSyntaxError('HTTP_BAD_REQUEST_LINE', 400, 'the request line is not METHOD TARGET HTTP/1.1');
  }
  const method = line.slice(0, sp1);
  const rawTarget = line.slice(sp1 + 1, sp2);
  const version = line.slice(sp2 + 1);
  if (!METHOD.test(method) || !TARGET.test(rawTarget) || !/^HTTP\/[0-9]\.[0-9]$/.test(version)) {
    throw new HttpSyntaxError('HTTP_BAD_REQUEST_LINE', 400, 'the request line is not METHOD TARGET HTTP/1.1');
  }
  if (version !== 'HTTP/1.1') {
    // As Envoy Gateway does unless HTTP/1.0 is switched on.
    throw new HttpSyntaxError('HTTP_VERSION', 426, `${version} is not served here`);
  }
  const facts = new FieldFacts();
  const headers: string[] = [];
  if (lineEnd !== -1) readFields(text, lineEnd + 2, headers, facts, maxFields);
  // RFC 9110 section 7.8: an upgrade may be ignored. Another protocol would pass by every rule of this proxy (h2c smuggling).
  if (facts.upgrade?.toLowerCase() !== 'websocket') facts.upgrade = undefined;
  if (facts.host === undefined || !AUTHORITY.test(facts.host)) {
    throw new HttpSyntaxError('HTTP_HOST', 400, 'no Host header, or one that is not a host');
  }
  if (rawTarget.charCodeAt(0) === 0x2f /* / */ || rawTarget === '*') {
    return { method, target: rawTarget, authority: facts.host, headers, facts };
  }
  const absolute = /^https?:\/\/([^/?]+)(.*)$/i.exec(rawTarget);
  if (absolute?.[1] === undefined || !AUTHORITY.test(absolute[1])) {
    throw new HttpSyntaxError(
      'HTTP_BAD_TARGET',
      400,
      'the request target is neither a path nor an absolute http URL',
    );
  }
  const rest = absolute[2] ?? '';
  return { method, target: rest.startsWith('/') ? rest : `/${rest}`, authority: absolute[1], headers, facts };
}
