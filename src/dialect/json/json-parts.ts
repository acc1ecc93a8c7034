import { BEYOND, CUT_OFF, type JsonCost, skipSpace, textEnd, valueEnd } from './json-bytes.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** How far the reading of an object or a list has come; `wrong`: no JSON, or cut off. */
export type PartsState = 'going' | 'ended' | 'wrong' | 'beyond';

/** The members of an object or the elements of a list, one after the other, as places in the bytes: nothing is made of them. */
export class JsonParts {
  readonly bytes: Buffer;
  state: PartsState = 'going';
  /** Of the key, with its quotes; -1 in a list. */
  keyFrom = -1;
  keyTo = -1;
  from = -1;
  to = -1;
  readonly #cost: JsonCost;
  readonly #close: number;
  #at: number;
  #first = true;

  /** @param open index of `{` or `[` */
  constructor(bytes: Buffer, open: number, cost: JsonCost = { values: 0, structureBytes: 0 }) {
    this.bytes = bytes;
    this.#at = open + 1;
    // `[` and `]`, `{` and `}` are two apart.
    this.#close = (bytes[open] as number) + 2;
    this.#cost = cost;
  }

  /** Index after the closing bracket, when it has ended. */
  get end(): number {
    return this.#at;
  }

  /** @returns whether there is one more */
  next(): boolean {
    return this.enter() && this.pass();
  }

  /** Goes to where the value of the next one begins; where that ends is looked for by {@link pass}, or told to {@link leave}. */
  enter(): boolean {
    const { bytes } = this;
    if (this.state !== 'going') return false;
    let at = skipSpace(bytes, this.#at);
    if (bytes[at] === this.#close) {
      this.#at = at + 1;
      return this.#over('ended');
    }
    if (!this.#first) {
      if (bytes[at] !== COMMA) return this.#over('wrong');
      at = skipSpace(bytes, at + 1);
    }
    this.#first = false;
    if (this.#close === CLOSE_BRACE) {
      if (bytes[at] !== QUOTE) return this.#over('wrong');
      this.keyFrom = at;
      this.keyTo = textEnd(bytes, at);
      if (this.keyTo === CUT_OFF) return this.#over('wrong');
      at = skipSpace(bytes, this.keyTo);
      if (bytes[at] !== COLON) return this.#over('wrong');
      at = skipSpace(bytes, at + 1);
    } else if (bytes[at] === CLOSE_BRACKET) return this.#over('wrong');
    this.from = at;
    return true;
  }

  /** Passes over the value that was entered. */
  pass(): boolean {
    this.to = valueEnd(this.bytes, this.from, this.#cost);
    if (this.to === BEYOND) return this.#over('beyond');
    if (this.to === CUT_OFF) return this.#over('wrong');
    this.#at = this.to;
    return true;
  }

  /** Goes on after the object or list that was entered, which another reader has read to its end. */
  leave(end: number): void {
    this.to = end;
    this.#at = end;
  }

  #over(state: PartsState): false {
    this.state = state;
    return false;
  }
}
