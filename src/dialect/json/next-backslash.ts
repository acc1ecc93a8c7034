const BACKSLASH = 0x5c;

/** Where the next backslash of some bytes stands: it is looked for once, however many texts lie before it. */
export class NextBackslash {
  readonly #bytes: Buffer;
  /** From here on up to {@link #at} there is none. */
  #from = 0;
  #at = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @returns index of the first backslash from there on; the bytes' length: there is none */
  after(from: number): number {
    if (from > this.#at || from < this.#from) {
      const found = this.#bytes.indexOf(BACKSLASH, from);
      this.#from = from;
      this.#at = found === -1 ? this.#bytes.length : found;
    }
    return this.#at;
  }
}
