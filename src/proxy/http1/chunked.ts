import type { PayloadSink } from '../codec/body-form.ts';
import { HttpSyntaxError } from './syntax-error.ts';

const MAX_SIZE_DIGITS = 13; // 2^52 bytes
const MAX_EXTENSION_BYTES = 4096;
const MAX_TRAILER_BYTES = 16 * 1024;

type State =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer-name'
  | 'trailer-value'
  | 'trailer-lf'
  | 'end-lf'
  | 'done';

/**
 * Finds the end of a chunked body (RFC 9112 section 7.1) without copying it; any split of the bytes gives the same result.
 * Bare LF, signs, spaces in a size, and sizes over 2^52 are refused.
 */
export class ChunkedScanner {
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #remaining = 0;
  #lineBytes = 0;
  #trailerBytes = 0;
  readonly #trailerParts: string[] = [];
  #sink: PayloadSink | undefined;
  /**
   * In the bytes pushed last: index where the chunk-size line begins that is not whole yet, or the line of the last chunk with all
   * that follows; 0 when it began before them, and their length when there is none.
   */
  lineFrom = 0;

  /** @param sink where payload goes; without it only the end is looked for */
  constructor(sink?: PayloadSink) {
    this.#sink = sink;
  }

  /** Another place where payload goes. */
  watch(sink: PayloadSink): void {
    const before = this.#sink;
    this.#sink =
      before === undefined
        ? sink
        : (bytes, from, to) => {
            before(bytes, from, to);
            sink(bytes, from, to);
          };
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Before {@link lineFrom} a chunk has ended, and another whole one may be put in there. */
  get atBoundary(): boolean {
    return this.#state === 'size' || this.#inLine;
  }

  /** The size of the chunk that comes is not known yet, or the last chunk has come. */
  get #inLine(): boolean {
    switch (this.#state) {
      case 'size':
        return this.#digits > 0;
      case 'data':
      case 'data-cr':
      case 'data-lf':
        return false;
      default:
        return true;
    }
  }

  /** Trailer lines as they came, each with its CRLF; empty when there were none. */
  get trailers(): string {
    return this.#trailerParts.join('');
  }

  /**
   * @returns index after the last byte of the body, or -1 when it goes on.
   * @throws HttpSyntaxError
   */
  push(bytes: Buffer, from = 0): number {
    let at = from;
    const end = bytes.length;
    this.lineFrom = this.#inLine ? 0 : end;
    while (at < end) {
      const byte = bytes[at] as number;
      switch (this.#state) {
        case 'size': {
          const digit = hexDigit(byte);
          if (this.#digits === 0) this.lineFrom = at;
          if (digit >= 0) {
            if (++this.#digits > MAX_SIZE_DIGITS) throw bad('a chunk size is too large');
            this.#size = this.#size * 16 + digit;
          } else if (this.#digits === 0) {
            throw bad('a chunk size is not a hexadecimal number');
          } else if (byte === 0x0d) {
            this.#state = 'size-lf';
          } else if (byte === 0x3b /* ; */) {
            this.#state = 'extension';
            this.#lineBytes = 0;
          } else {
            throw bad('a chunk size is not a hexadecimal number');
          }
          at++;
          break;
        }
        case 'extension':
          if (byte === 0x0d) this.#state = 'size-lf';
          else if (isControl(byte) || ++this.#lineBytes > MAX_EXTENSION_BYTES)
            throw bad('a chunk extension is malformed');
          at++;
          break;
        case 'size-lf':
          expectLf(byte);
          this.#remaining = this.#size;
          this.#state = this.#size === 0 ? 'trailer-start' : 'data';
          if (this.#size > 0) this.lineFrom = end;
          this.#size = 0;
          this.#digits = 0;
          this.#lineBytes = 0;
          at++;
          break;
        case 'data': {
          const take = Math.min(this.#remaining, end - at);
          if (this.#sink !== undefined) this.#sink(bytes, at, at + take);
          at += take;
          this.#remaining -= take;
          if (this.#remaining === 0) this.#state = 'data-cr';
          break;
        }
        case 'data-cr':
          if (byte !== 0x0d) throw bad('a chunk is longer than its size');
          this.#state = 'data-lf';
          at++;
          break;
        case 'data-lf':
          expectLf(byte);
          this.#state = 'size';
          at++;
          break;
        case 'trailer-start':
          if (byte === 0x0d) {
            this.#state = 'end-lf';
            at++;
            break;
          }
          if (byte === 0x3a) throw bad('a trailer has no name');
          this.#state = 'trailer-name';
          break;
        case 'trailer-name': {
          const colon = bytes.indexOf(0x3a, at);
          const to = colon === -1 ? end : colon;
          if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/.test(this.#trailerText(bytes, at, to)))
            throw bad('a trailer is not NAME: VALUE');
          at = to;
          if (colon !== -1) this.#state = 'trailer-value';
          break;
        }
        case 'trailer-value': {
          const cr = bytes.indexOf(0x0d, at);
          const to = cr === -1 ? end : cr;
          if (/[^\t\x20-\x7e\x80-\xff]/.test(this.#trailerText(bytes, at, to)))
            throw bad('a trailer holds a control character');
          at = to;
          if (cr !== -1) {
            this.#state = 'trailer-lf';
            at++;
          }
          break;
        }
        case 'trailer-lf':
          expectLf(byte);
          this.#trailerParts.push('\r\n');
          this.#state = 'trailer-start';
          at++;
          break;
        case 'end-lf':
          expectLf(byte);
          this.#state = 'done';
          return at + 1;
        case 'done':
          return at;
      }
    }
    return -1;
  }

  #trailerText(bytes: Buffer, from: number, to: number): string {
    this.#trailerBytes += to - from;
    if (this.#trailerBytes > MAX_TRAILER_BYTES) throw bad('the trailers are too large');
    const text = bytes.toString('latin1', from, to);
    this.#trailerParts.push(text);
    return text;
  }
}

/** No character of a field or chunk extension (RFC 9110 section 5.5). */
function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function expectLf(byte: number): void {
  if (byte !== 0x0a) throw bad('a CR is not followed by LF');
}

function bad(message: string): HttpSyntaxError {
  return new HttpSyntaxError('HTTP_BAD_CHUNK', 400, message);
}
