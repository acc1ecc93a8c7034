import type { ResponseHead } from '../codec/response-head.ts';
import { FieldFacts, readFields } from './header-fields.ts';
import { HttpSyntaxError } from './syntax-error.ts';

/** A status line with its fields (RFC 9112 section 4). */
export interface Http1ResponseHead extends ResponseHead {
  readonly http10: boolean;
  readonly facts: FieldFacts;
}

/**
 * @param text the head without its closing empty line, as latin1
 * @throws HttpSyntaxError
 */
export function parseResponseHead(text: string, maxFields: number): Http1ResponseHead {
  const lineEnd = text.indexOf('\r\n');
  const line = lineEnd === -1 ? text : text.slice(0, lineEnd);
  // RFC 9112 section 4: HTTP-version SP status-code SP [ reason-phrase ]; the last space is often left out.
  if (!/^HTTP\/1\.[01] [1-9][0-9]{2}(?: [\t\x20-\x7e\x80-\xff]*)?$/.test(line)) {
    throw new HttpSyntaxError('HTTP_BAD_STATUS_LINE', 400, 'the status line is not HTTP/1.1 STATUS REASON');
  }
  const facts = new FieldFacts();
  const headers: string[] = [];
  if (lineEnd !== -1) readFields(text, lineEnd + 2, headers, facts, maxFields);
  return {
    status: Number(line.slice(9, 12)),
    reason: line.slice(13),
    http10: line.charCodeAt(7) === 0x30,
    headers,
    facts,
  };
}
