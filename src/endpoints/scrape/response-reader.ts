const FIRST_BYTES = 16 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;
/** Size line, extensions and trailers of one chunk; a real one has a few bytes. */
const MAX_CHUNK_LINE_BYTES = 4096;
/** Head, sizes of chunks and trailers of a small body. */
const MAX_FRAMING_BYTES = 64 * 1024;
const CRLF = '\r\n';

/** What the body ends with (RFC 9112 section 6.3). */
type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

/** Where the reader is: `at` is the index of the first byte that was not looked at. */
type State =
  | { readonly kind: 'head'; readonly at: number }
  | { readonly kind: 'body'; readonly framing: Framing }
  | { readonly kind: 'chunk-size'; readonly at: number }
  | { readonly kind: 'chunk'; readonly from: number; readonly end: number }
  | { readonly kind: 'trailers'; readonly at: number }
  | { readonly kind: 'done' };

const START: State = { kind: 'head', at: 0 };

/**
 * Reads one HTTP/1.1 answer to a GET after another into one buffer that is kept, so that a scrape is not copied.
 * Not for clients' traffic: it trusts the server with everything but the size of the answer.
 */
export class ResponseReader {
  readonly #maxBytes: number;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  #state: State = START;
  #bodyFrom = 0;
  #bodyEnd = 0;
  /** HTTP status; 0 until the head is whole. */
  status = 0;
  /** Whether the connection may be used again (RFC 9112 section 9.3). */
  keepAlive = true;
  /** '' where the answer does not say it. */
  contentType = '';
  contentEncoding = '';

  /** @param maxBytes of the body */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether any byte of an answer has come. */
  get started(): boolean {
    return this.#length > 0;
  }

  /** The whole body once done, valid until {@link reset}. */
  get body(): Buffer {
    return this.#buffer.subarray(this.#bodyFrom, this.#bodyEnd);
  }

  /** Memory that the next bytes are to be written to; never empty. */
  space(): Buffer {
    if (this.#length === this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return this.#buffer.subarray(this.#length);
  }

  /**
   * Bytes were written to {@link space}.
   * @returns whether the answer is whole
   * @throws Error when it is malformed or too large
   */
  received(bytes: number): boolean {
    this.#length += bytes;
    // Chunks of a byte with extensions, trailers without end: framing is bounded too.
    if (this.#length > 2 * this.#maxBytes + MAX_FRAMING_BYTES) this.#tooLarge();
    while (this.#step());
    return this.#state.kind === 'done';
  }

  /** The server closed. @returns whether that made the answer whole */
  closed(): boolean {
    if (this.#state.kind !== 'body' || this.#state.framing.kind !== 'close') return false;
    this.#bodyEnd = this.#length;
    this.#state = { kind: 'done' };
    return true;
  }

  reset(): void {
    this.#length = 0;
    this.#state = START;
    this.#bodyFrom = 0;
    this.#bodyEnd = 0;
    this.status = 0;
    this.keepAlive = true;
    this.contentType = '';
    this.contentEncoding = '';
  }

  /** @returns whether there may be more to do with the bytes that are there */
  #step(): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'head':
        return this.#head(state.at);
      case 'body': {
        const { framing } = state;
        const length = this.#length - this.#bodyFrom;
        if (framing.kind !== 'length') {
          this.#check(length);
          return false;
        }
        if (length < framing.bytes) return false;
        if (length > framing.bytes) this.keepAlive = false; // Bytes that nobody asked for.
        this.#bodyEnd = this.#bodyFrom + framing.bytes;
        this.#state = { kind: 'done' };
        return false;
      }
      case 'chunk-size':
        return this.#chunkSize(state.at);
      case 'chunk': {
        if (this.#length < state.end + CRLF.length) return false;
        // The first chunk stays where it is; later ones are moved up to it.
        if (this.#bodyEnd === this.#bodyFrom) {
          this.#bodyFrom = state.from;
          this.#bodyEnd = state.end;
        } else {
          this.#buffer.copyWithin(this.#bodyEnd, state.from, state.end);
          this.#bodyEnd += state.end - state.from;
        }
        this.#state = { kind: 'chunk-size', at: state.end + CRLF.length };
        return true;
      }
      case 'trailers': {
        const line = this.#line(state.at);
        if (line === undefined) return false;
        const at = state.at + line.length + CRLF.length;
        if (line === '' && this.#length > at) this.keepAlive = false;
        this.#state = line === '' ? { kind: 'done' } : { kind: 'trailers', at };
        return line !== '';
      }
      case 'done':
        return false;
    }
  }

  #head(searched: number): boolean {
    const bytes = this.#buffer.subarray(0, this.#length);
    const end = bytes.indexOf('\r\n\r\n', searched, 'latin1');
    if (end > MAX_HEAD_BYTES || (end === -1 && bytes.length > MAX_HEAD_BYTES)) {
      throw new Error(`the head of the answer is larger than ${MAX_HEAD_BYTES} bytes`);
    }
    if (end === -1) {
      this.#state = { kind: 'head', at: Math.max(0, bytes.length - 3) };
      return false;
    }
    const [statusLine = '', ...fields] = bytes.toString('latin1', 0, end).split(CRLF);
    const matched = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine);
    if (matched === null)
      throw new Error(`not an HTTP/1.1 answer: ${JSON.stringify(statusLine.slice(0, 40))}`);
    const status = Number(matched[2]);
    if (status < 200) {
      // RFC 9110 section 15.2: an interim answer; the real one follows.
      this.#buffer.copyWithin(0, end + 4, this.#length);
      this.#length -= end + 4;
      this.#state = START;
      return true;
    }
    this.status = status;
    this.keepAlive = matched[1] === '1';
    this.#bodyFrom = end + 4;
    this.#bodyEnd = this.#bodyFrom;
    const framing = this.#framing(fields);
    if (framing.kind === 'close') this.keepAlive = false;
    this.#state =
      framing.kind === 'chunked' ? { kind: 'chunk-size', at: this.#bodyFrom } : { kind: 'body', framing };
    return true;
  }

  #framing(fields: readonly string[]): Framing {
    let length: number | undefined;
    let chunked = false;
    for (const field of fields) {
      const colon = field.indexOf(':');
      const value = field.slice(colon + 1).trim();
      switch (field.slice(0, Math.max(0, colon)).toLowerCase()) {
        case 'content-length':
          if (!/^\d{1,15}$/.test(value)) throw new Error(`content-length is ${JSON.stringify(value)}`);
          length = Number(value);
          break;
        case 'transfer-encoding':
          if (value.toLowerCase() !== 'chunked')
            throw new Error(`transfer-encoding is ${JSON.stringify(value)}`);
          chunked = true;
          break;
        case 'content-type':
          this.contentType = value;
          break;
        case 'content-encoding':
          this.contentEncoding = value;
          break;
        case 'connection':
          if (value.toLowerCase() === 'close') this.keepAlive = false;
          break;
      }
    }
    if (this.status === 204 || this.status === 304) return { kind: 'length', bytes: 0 };
    if (chunked) return { kind: 'chunked' };
    if (length === undefined) return { kind: 'close' };
    this.#check(length);
    return { kind: 'length', bytes: length };
  }

  /** RFC 9112 section 7.1 */
  #chunkSize(at: number): boolean {
    const line = this.#line(at);
    if (line === undefined) return false;
    const matched = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(line);
    if (matched === null) throw new Error(`a chunk's size is ${JSON.stringify(line.slice(0, 40))}`);
    const size = Number.parseInt(matched[1] as string, 16);
    const from = at + line.length + CRLF.length;
    this.#check(this.#bodyEnd - this.#bodyFrom + size);
    if (size > 0) {
      this.#state = { kind: 'chunk', from, end: from + size };
      return true;
    }
    this.#state = { kind: 'trailers', at: from };
    return true;
  }

  /** @returns the line without its CRLF; undefined when it is not whole yet */
  #line(at: number): string | undefined {
    const limit = Math.min(this.#length, at + MAX_CHUNK_LINE_BYTES);
    const end = this.#buffer.subarray(at, limit).indexOf(CRLF, 0, 'latin1');
    if (end !== -1) return this.#buffer.toString('latin1', at, at + end);
    if (limit === at + MAX_CHUNK_LINE_BYTES) throw new Error('a line of the chunked answer is too long');
    return undefined;
  }

  #check(bodyBytes: number): void {
    if (bodyBytes > this.#maxBytes) this.#tooLarge();
  }

  #tooLarge(): never {
    throw new Error(`the answer is larger than ${this.#maxBytes} bytes`);
  }
}
