import { GatheredBytes } from './gathered-bytes.ts';
import { HttpSyntaxError } from './syntax-error.ts';

/**
 * Collects bytes until a head is whole: everything before the first empty line.
 * A line that ends in a bare LF, or a CR without its LF, is refused (RFC 9112 section 2.2 allows to).
 */
export class HeadReader {
  readonly #maxBytes: number;
  readonly #held = new GatheredBytes();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether part of a head has come; the first half of an empty line before it is none. */
  get started(): boolean {
    const { length, bytes } = this.#held;
    return length > 1 || (length === 1 && bytes[0] !== 0x0d);
  }

  /**
   * @returns undefined when more bytes are needed; else the head as latin1 without its closing empty line, and
   *   what follows it in `rest`.
   * @throws HttpSyntaxError
   */
  push(chunk: Buffer): { readonly head: string; readonly rest: Buffer | undefined } | undefined {
    const held = this.#held;
    // What was looked at before is not looked at again: a head that comes byte by byte must not cost its square.
    let searchFrom = Math.max(0, held.length - 3);
    held.push(chunk);
    let { bytes } = held;
    // RFC 9112 section 2.2: empty lines before a request line are to be ignored.
    let skip = 0;
    while (bytes[skip] === 0x0d && bytes[skip + 1] === 0x0a) skip += 2;
    if (skip > 0) {
      bytes = bytes.subarray(skip);
      searchFrom = 0;
      held.clear();
      held.push(bytes);
    }
    if (bytes.length === 0) return undefined;
    // Seen early, so that a client that will never send the right bytes (TLS, HTTP/2, another protocol) is not waited for.
    refuseFirstByte(bytes[0] as number);
    const end = bytes.indexOf('\r\n\r\n', searchFrom, 'latin1');
    if ((end === -1 ? bytes.length : end) > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (end === -1) {
      refuseBareLineEnds(bytes.toString('latin1', searchFrom), searchFrom > 0, true);
      return undefined;
    }
    held.clear();
    const head = bytes.toString('latin1', 0, end);
    refuseBareLineEnds(head, false, false);
    const restFrom = end + 4;
    return { head, rest: restFrom < bytes.length ? bytes.subarray(restFrom) : undefined };
  }
}

/** A request line begins with a method, a status line with a version: both with a printable character. */
function refuseFirstByte(byte: number): void {
  if ((byte > 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a) return;
  throw new HttpSyntaxError('HTTP_BAD_REQUEST_LINE', 400, 'the first byte is none of HTTP/1.1');
}

const BARE_LF = /[^\r]\n/;
const BARE_CR = /\r(?!\n|$)/;

/** @param follows whether something that was found good precedes the text @param partial whether more may follow it */
function refuseBareLineEnds(text: string, follows: boolean, partial: boolean): void {
  const bare =
    BARE_LF.test(text) ||
    BARE_CR.test(text) ||
    (!follows && text.startsWith('\n')) ||
    (!partial && text.endsWith('\r'));
  if (!bare) return;
  throw new HttpSyntaxError(
    'HTTP_BARE_LINE_END',
    400,
    'a line ends in LF without CR, or holds a CR without LF',
  );
}

function tooLarge(maxBytes: number): HttpSyntaxError {
  return new HttpSyntaxError('HTTP_HEAD_TOO_LARGE', 431, `the head is larger than ${maxBytes} bytes`);
}
