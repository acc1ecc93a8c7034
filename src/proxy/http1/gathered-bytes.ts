const NONE = Buffer.alloc(0);

/** Bytes that come in pieces, kept in one: each costs its own length, also where all of them are single bytes. */
export class GatheredBytes {
  #buffer: Buffer = NONE;
  #length = 0;
  /** What is added may be written behind what is there: the buffer is not somebody else's. */
  #own = false;

  get length(): number {
    return this.#length;
  }

  /** All of them; good until more is added. */
  get bytes(): Buffer {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  push(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) {
      this.#buffer = piece;
      this.#own = false;
    } else {
      if (!this.#own || length > this.#buffer.length) {
        // Twice what is needed, so that a byte is copied twice in all and not once for each that follows it.
        const larger = Buffer.allocUnsafeSlow(2 * length);
        this.#buffer.copy(larger, 0, 0, this.#length);
        this.#buffer = larger;
        this.#own = true;
      }
      piece.copy(this.#buffer, this.#length);
    }
    this.#length = length;
  }

  /** All of them, which are kept no longer; undefined where there are none. */
  take(): Buffer | undefined {
    if (this.#length === 0) return undefined;
    const { bytes } = this;
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#buffer = NONE;
    this.#length = 0;
    this.#own = false;
  }
}
