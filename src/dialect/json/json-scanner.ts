import { isOfWord, standsAt } from './json-bytes.ts';
import type { JsonPlace } from './json-places.ts';
import { unquotedTextAt } from './json-text.ts';
import { TextEnd } from './text-end.ts';

/** Who is told what stands at the places that are looked for. */
export interface FactSink<Fact> {
  /** There is something, where that is enough to know. */
  filled(fact: Fact): void;
  /** A text without its quotes. The bytes are lent until this returns. */
  text(fact: Fact, bytes: Buffer, from: number, to: number): void;
  /** A number or a word. The same holds. */
  word(fact: Fact, bytes: Buffer, from: number, to: number): void;
}

/** A text or a number that is longer is not told. */
export const MAX_TOKEN_BYTES = 1024;

// Each file that looks at every byte has its own: one that is imported is loaded anew for each byte, and a pass takes twice as long.
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// States. What they await or are in:
const VALUE = 0;
/** A key, or the end of the object. */
const KEY = 1;
const AFTER_KEY = 2;
const AFTER_VALUE = 3;
/** In a key or a text that is wanted. */
const TEXT = 4;
/** In a number or a word. */
const WORD = 5;
/** After the quote or the bracket of what is to be told when it is not empty. */
const FILLING_TEXT = 6;
const FILLING = 7;
/** In an object, a list or a text of which nothing is wanted. */
const PASSING = 8;
const PASSING_TEXT = 9;
/** What came is no JSON: no more of it is looked at. */
const WRONG = 10;

/**
 * Looks for places in JSON that comes in pieces, whatever they are split at. It keeps a token that the end of a piece cuts off, the way
 * to where it stands, and nothing else: neither the length of a value nor its depth costs memory, and each byte is looked at once.
 * What it finds is told when it has come. That brackets match is left to those whom the JSON is for. Values may follow each other.
 */
export class JsonScanner<Fact> {
  readonly #sink: FactSink<Fact>;
  readonly #root: JsonPlace<Fact>;
  #state = VALUE;
  /** The open objects and lists of which something is wanted, so many of these. */
  #depth = 0;
  readonly #way: JsonPlace<Fact>[] = [];
  readonly #lists: boolean[] = [];
  /** Of the value that comes; undefined: nothing is wanted of it. */
  #place: JsonPlace<Fact> | undefined;
  /** Brackets that are open in what is passed over. */
  #passed = 0;
  readonly #textEnd = new TextEnd();
  #isKey = false;
  /** What has come of a token in pieces before this one. More than {@link MAX_TOKEN_BYTES}: it is too long. */
  #kept: Buffer | undefined;
  #keptBytes = 0;

  constructor(root: JsonPlace<Fact>, sink: FactSink<Fact>) {
    this.#root = root;
    this.#sink = sink;
    this.#place = root;
  }

  /** Another value begins, whatever has come of the one before. */
  restart(): void {
    this.#state = VALUE;
    this.#place = this.#root;
    this.#depth = 0;
    this.#passed = 0;
    this.#textEnd.restart();
    this.#keptBytes = 0;
  }

  push(bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const state = this.#state;
      if (state === TEXT) at = this.#text(bytes, at, to);
      else if (state === WORD) at = this.#word(bytes, at, to);
      else if (state === PASSING) at = this.#pass(bytes, at, to);
      else if (state === PASSING_TEXT) at = this.#passText(bytes, at, to);
      else if (state === FILLING_TEXT) {
        if (bytes[at] !== QUOTE) this.#fill();
        this.#state = PASSING_TEXT;
      } else if (state === WRONG) return;
      else {
        const byte = bytes[at] as number;
        if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
        else if (this.#take(state, byte)) at++;
      }
    }
  }

  /** @returns whether the byte is done with */
  #take(state: number, byte: number): boolean {
    switch (state) {
      case VALUE:
        return this.#begin(byte);
      case KEY:
        this.#isKey = true;
        if (byte === QUOTE) this.#state = TEXT;
        else if (byte === CLOSE_BRACE) this.#close();
        else this.#state = WRONG;
        return true;
      case AFTER_KEY:
        this.#state = byte === COLON ? VALUE : WRONG;
        return true;
      case FILLING:
        if (byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET) this.#fill();
        this.#state = PASSING;
        return false;
      default:
        return this.#goOn(byte);
    }
  }

  #begin(byte: number): boolean {
    const place = this.#place;
    switch (byte) {
      case QUOTE:
        this.#isKey = false;
        if (place?.fact === undefined) this.#state = PASSING_TEXT;
        else this.#state = place.isFilling ? FILLING_TEXT : TEXT;
        return true;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.#open(place, byte === OPEN_BRACKET);
        return true;
      case CLOSE_BRACKET:
        if (this.#depth > 0 && this.#lists[this.#depth - 1]) this.#close();
        else this.#state = WRONG;
        return true;
      case CLOSE_BRACE:
      case COMMA:
      case COLON:
        this.#state = WRONG;
        return true;
      default:
        this.#state = isOfWord(byte) ? WORD : WRONG;
        return false;
    }
  }

  #open(place: JsonPlace<Fact> | undefined, isList: boolean): void {
    if (place !== undefined && (isList ? place.element !== undefined : place.members.length > 0)) {
      this.#way[this.#depth] = place;
      this.#lists[this.#depth++] = isList;
      this.#place = place.element;
      this.#state = isList ? VALUE : KEY;
      return;
    }
    this.#passed = 1;
    this.#state = place?.isFilling === true ? FILLING : PASSING;
  }

  #close(): void {
    this.#depth--;
    this.#state = AFTER_VALUE;
  }

  #goOn(byte: number): boolean {
    const last = this.#depth - 1;
    if (last === -1) {
      this.restart();
      return false;
    }
    if (byte === COMMA) {
      const isList = this.#lists[last] as boolean;
      this.#place = isList ? (this.#way[last] as JsonPlace<Fact>).element : undefined;
      this.#state = isList ? VALUE : KEY;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#close();
    else this.#state = WRONG;
    return true;
  }

  #fill(): void {
    this.#sink.filled((this.#place as JsonPlace<Fact>).fact as Fact);
  }

  #text(bytes: Buffer, at: number, to: number): number {
    const end = this.#textEnd.in(bytes, at, to);
    if (end === to) {
      this.#keep(bytes, at, to);
      return to;
    }
    if (this.#keptBytes === 0) {
      this.#textEnded(bytes, at, end);
      // Nearly always so, and cheaper than a turn of its own.
      if (this.#state === AFTER_KEY && end + 1 < to && bytes[end + 1] === COLON) {
        this.#state = VALUE;
        return end + 2;
      }
    } else {
      this.#keep(bytes, at, end);
      const keptBytes = this.#keptBytes;
      this.#keptBytes = 0;
      this.#textEnded(this.#kept as Buffer, 0, keptBytes);
    }
    return end + 1;
  }

  #textEnded(bytes: Buffer, from: number, to: number): void {
    const isShort = to - from <= MAX_TOKEN_BYTES;
    if (this.#isKey) {
      this.#place = isShort ? this.#member(bytes, from, to) : undefined;
      this.#state = AFTER_KEY;
      return;
    }
    this.#state = AFTER_VALUE;
    if (isShort) this.#sink.text((this.#place as JsonPlace<Fact>).fact as Fact, bytes, from, to);
  }

  #member(bytes: Buffer, from: number, to: number): JsonPlace<Fact> | undefined {
    const { members } = this.#way[this.#depth - 1] as JsonPlace<Fact>;
    for (let i = 0; i < members.length; i++) {
      const member = members[i] as JsonPlace<Fact>;
      if (member.key.length === to - from && standsAt(bytes, from, member.key)) return member;
    }
    // A key may have its characters written as escapes.
    for (let at = from; at < to; at++) {
      if (bytes[at] !== BACKSLASH) continue;
      const name = unquotedTextAt(bytes, from, to, MAX_TOKEN_BYTES);
      return members.find(member => member.name === name);
    }
    return undefined;
  }

  #word(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && isOfWord(bytes[at] as number)) at++;
    const fact = this.#place?.isFilling === false ? this.#place.fact : undefined;
    if (at === to) {
      if (fact !== undefined) this.#keep(bytes, from, to);
      return to;
    }
    this.#state = AFTER_VALUE;
    if (fact === undefined) return at;
    if (this.#keptBytes === 0) {
      if (at - from <= MAX_TOKEN_BYTES) this.#sink.word(fact, bytes, from, at);
      return at;
    }
    this.#keep(bytes, from, at);
    if (this.#keptBytes <= MAX_TOKEN_BYTES) this.#sink.word(fact, this.#kept as Buffer, 0, this.#keptBytes);
    this.#keptBytes = 0;
    return at;
  }

  #pass(bytes: Buffer, from: number, to: number): number {
    let passed = this.#passed;
    let at = from;
    while (at < to) {
      const byte = bytes[at++] as number;
      if (byte === QUOTE) {
        at = this.#textEnd.in(bytes, at, to);
        if (at === to) {
          this.#state = PASSING_TEXT;
          break;
        }
        at++;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) passed++;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --passed === 0) {
        this.#state = AFTER_VALUE;
        break;
      }
    }
    this.#passed = passed;
    return at;
  }

  #passText(bytes: Buffer, from: number, to: number): number {
    const end = this.#textEnd.in(bytes, from, to);
    if (end === to) return to;
    this.#state = this.#passed === 0 ? AFTER_VALUE : PASSING;
    return end + 1;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const length = this.#keptBytes + to - from;
    if (length <= MAX_TOKEN_BYTES) {
      this.#kept ??= Buffer.allocUnsafe(MAX_TOKEN_BYTES);
      bytes.copy(this.#kept, this.#keptBytes, from, to);
    }
    this.#keptBytes = Math.min(length, MAX_TOKEN_BYTES + 1);
  }
}
