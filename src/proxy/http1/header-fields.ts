import type { MessageFacts } from '../codec/message-facts.ts';
import { isEndToEnd } from './end-to-end.ts';
import { HttpSyntaxError } from './syntax-error.ts';

/** RFC 9110 section 5.6.2: the characters of a token. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 section 5.5: a value has visible characters, spaces, tabs and obs-text; no other control character. */
const CONTROL = /[^\t\r\n\x20-\x7e\x80-\xff]/;

/** Names as they are written → in lower case: those that were found good before. */
const knownNames = new Map<string, string>();
const MAX_KNOWN_NAMES = 512;
/** Clients choose them: one may be as long as a head. */
const LONGEST_KNOWN_NAME = 64;

/** @throws HttpSyntaxError */
function fieldName(raw: string): string {
  const known = knownNames.get(raw);
  if (known !== undefined) return known;
  if (!TOKEN.test(raw))
    throw new HttpSyntaxError('HTTP_BAD_HEADER', 400, 'a header name holds a character that is not allowed');
  // A copy: what is cut out of a head keeps the whole head.
  const copy = Buffer.from(raw, 'latin1').toString('latin1');
  const name = copy.toLowerCase();
  if (knownNames.size < MAX_KNOWN_NAMES && copy.length <= LONGEST_KNOWN_NAME) knownNames.set(copy, name);
  return name;
}

/** What the fields of a head say about its message, gathered while they are read. */
export class FieldFacts implements MessageFacts {
  host: string | undefined = undefined;
  contentLength = -1;
  chunked = false;
  /** `connection: close` */
  close = false;
  /** `connection: keep-alive` */
  keepAlive = false;
  /** Value of `upgrade`, when `connection` names it. */
  upgrade: string | undefined = undefined;
  expectContinue = false;
  /** `keep-alive: timeout=N`: the server closes the connection when it was idle so long. Seconds; -1: not said. */
  keepAliveSeconds = -1;
  contentType = '';
  /** Codings of the content, as they are written (RFC 9110 section 8.4); empty: none. */
  contentEncoding = '';
  /** Lower-case names that `connection` lists: hop-by-hop for this message (RFC 9110 section 7.6.1). */
  connectionNames: string[] | undefined = undefined;
}

/**
 * Reads the field lines of a head.
 * @param text the whole head, without its closing empty line, as latin1
 * @param from index of the first field line in it
 * @param headers receives name (lower case), value, name, value, …
 * @throws HttpSyntaxError for what RFC 9112 section 5 forbids, and for framing that could be read in two ways (section 6.3, 11.2)
 */
export function readFields(
  text: string,
  from: number,
  headers: string[],
  facts: FieldFacts,
  maxFields: number,
): void {
  let at = from;
  const end = text.length;
  let upgrade: string | undefined;
  let connectionUpgrade = false;
  let transferEncoding = false;
  if (CONTROL.test(from === 0 ? text : text.slice(from)))
    throw new HttpSyntaxError('HTTP_BAD_HEADER', 400, 'a header holds a control character');
  while (at < end) {
    let lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) lineEnd = end;
    const first = text.charCodeAt(at);
    if (first === 0x20 || first === 0x09) {
      throw new HttpSyntaxError('HTTP_OBS_FOLD', 400, 'a header line begins with white space (obs-fold)');
    }
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon >= lineEnd) {
      throw new HttpSyntaxError('HTTP_BAD_HEADER', 400, 'a header line has no colon');
    }
    const rawName = text.slice(at, colon);
    const name = fieldName(rawName);
    let valueFrom = colon + 1;
    let valueTo = lineEnd;
    while (valueFrom < valueTo && isSpace(text.charCodeAt(valueFrom))) valueFrom++;
    while (valueTo > valueFrom && isSpace(text.charCodeAt(valueTo - 1))) valueTo--;
    const value = text.slice(valueFrom, valueTo);
    if (headers.length >= maxFields * 2) {
      throw new HttpSyntaxError('HTTP_TOO_MANY_HEADERS', 431, `more than ${maxFields} header lines`);
    }
    headers.push(name, value);
    switch (name) {
      case 'host':
        if (facts.host !== undefined)
          throw new HttpSyntaxError('HTTP_DUPLICATE_HOST', 400, 'two Host headers');
        facts.host = value;
        break;
      case 'content-length':
        if (facts.contentLength !== -1) {
          throw new HttpSyntaxError('HTTP_DUPLICATE_LENGTH', 400, 'two Content-Length headers');
        }
        facts.contentLength = readContentLength(value);
        break;
      case 'transfer-encoding':
        if (transferEncoding || value.toLowerCase() !== 'chunked') {
          throw new HttpSyntaxError('HTTP_TRANSFER_ENCODING', 501, 'a transfer coding other than chunked');
        }
        transferEncoding = true;
        facts.chunked = true;
        break;
      case 'connection':
        connectionUpgrade = readConnection(value, facts) || connectionUpgrade;
        break;
      case 'upgrade':
        upgrade = value;
        break;
      case 'keep-alive':
        facts.keepAliveSeconds = readKeepAlive(value);
        break;
      case 'expect':
        if (value.toLowerCase() === '100-continue') facts.expectContinue = true;
        break;
      case 'content-type':
        facts.contentType = value;
        break;
      case 'content-encoding':
        facts.contentEncoding = facts.contentEncoding === '' ? value : `${facts.contentEncoding}, ${value}`;
        break;
      default:
    }
    at = lineEnd + 2;
  }
  if (facts.chunked && facts.contentLength !== -1) {
    // RFC 9112 section 6.1: such a message may be an attempt at smuggling.
    throw new HttpSyntaxError('HTTP_LENGTH_AND_CHUNKED', 400, 'both Content-Length and Transfer-Encoding');
  }
  if (connectionUpgrade) facts.upgrade = upgrade;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function readContentLength(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value)) {
    throw new HttpSyntaxError('HTTP_BAD_LENGTH', 400, 'Content-Length is not a whole number');
  }
  return Number(value);
}

/** RFC 2068 section 19.7.1.1; servers still say it. */
function readKeepAlive(value: string): number {
  const timeout = /(?:^|[,;\s])timeout=([0-9]{1,9})(?:$|[,;\s])/i.exec(value)?.[1];
  return timeout === undefined ? -1 : Number(timeout);
}

function readConnection(value: string, facts: FieldFacts): boolean {
  const lower = value.toLowerCase();
  if (lower === 'keep-alive') {
    facts.keepAlive = true;
    return false;
  }
  if (lower === 'close') {
    facts.close = true;
    return false;
  }
  let upgrade = false;
  for (const part of lower.split(',')) {
    const option = part.trim();
    if (option === 'close') facts.close = true;
    else if (option === 'keep-alive') facts.keepAlive = true;
    else if (option === 'upgrade') upgrade = true;
    else if (option !== '' && !isEndToEnd(option)) (facts.connectionNames ??= []).push(option);
  }
  return upgrade;
}
