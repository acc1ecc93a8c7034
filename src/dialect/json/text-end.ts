const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** So many bytes of a text are looked at here before the search for its end is left to the engine, which costs a call. */
const NEAR = 64;

/** Looks for the quote that ends a JSON text which comes in pieces. */
export class TextEnd {
  /** The next byte is escaped by a backslash before it. */
  #escaped = false;

  restart(): void {
    this.#escaped = false;
  }

  /** @returns index of the quote, after which another text may begin; `to` where it does not stand in the piece */
  in(bytes: Buffer, from: number, to: number): number {
    let escaped = this.#escaped;
    let at = from;
    for (;;) {
      const near = Math.min(to, at + NEAR);
      for (; at < near; at++) {
        const byte = bytes[at];
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          this.#escaped = false;
          return at;
        }
      }
      if (at === to) break;
      const found = bytes.subarray(at, to).indexOf(QUOTE);
      const end = found === -1 ? to : at + found;
      escaped = isEscaped(bytes, at, end, escaped);
      at = end;
      if (at === to) break;
    }
    this.#escaped = escaped;
    return to;
  }
}

/** @param before whether the byte at `from` is escaped */
function isEscaped(bytes: Buffer, from: number, at: number, before: boolean): boolean {
  let first = at;
  while (first > from && bytes[first - 1] === BACKSLASH) first--;
  return (at - first + (before && first === from ? 1 : 0)) % 2 === 1;
}
