/** A line longer than the limit. */
export class LineTooLong extends Error {
  readonly code = 'line-too-long';

  constructor(limitBytes: number) {
    super(`a line of the watch is longer than ${limitBytes} bytes`);
  }
}

/**
 * Cuts a stream of JSON values, one a line (the framing of a watch with `application/json`), at its line ends. Chunks may be
 * split anywhere, within a character too.
 */
export class JsonLines {
  readonly #limitBytes: number;
  #parts: Buffer[] = [];
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The values that end in this chunk. Throws {@link LineTooLong}, or SyntaxError of what is not JSON. */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = [];
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      this.#keep(chunk.subarray(from, end));
      from = end + 1;
      const text = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#sizeBytes = 0;
      if (text.trim() !== '') values.push(JSON.parse(text));
    }
    this.#keep(chunk.subarray(from));
    return values;
  }

  #keep(part: Buffer): void {
    this.#sizeBytes += part.length;
    if (this.#sizeBytes > this.#limitBytes) throw new LineTooLong(this.#limitBytes);
    if (part.length > 0) this.#parts.push(part);
  }
}
