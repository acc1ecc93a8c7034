import { JsonParts } from '../json/json-parts.ts';
import { textAt } from '../json/json-text.ts';
import type { Place } from './keys.ts';
import { recurringText } from './recurring-text.ts';

/** Bytes of a model's name or a response's id that are kept. Kubernetes allows an InferenceModel 256 characters. */
export const MAX_NAME_BYTES = 1024;

const QUOTE = 0x22;
const LOWER_T = 0x74;
const OPEN_BRACE = 0x7b;
/** Key, begin, end. */
const ENTRY = 3;
/** Digits of the largest whole number that is exact (2^53). */
const MAX_DIGITS = 16;

/** Where the values of the keys that were looked for begin and end in a JSON body. */
export class FoundValues {
  readonly bytes: Buffer;
  readonly #entries: number[] = [];
  /** Of the entry that {@link find} found. */
  from = -1;
  to = -1;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Of a key that comes twice the last counts, as for JSON.parse and Python's json: there is one entry for a key. */
  put(key: number, from: number, to: number): void {
    const entries = this.#entries;
    let at = 0;
    while (at < entries.length && entries[at] !== key) at += ENTRY;
    entries[at] = key;
    entries[at + 1] = from;
    entries[at + 2] = to;
  }

  find(key: number): boolean {
    const entries = this.#entries;
    for (let at = 0; at < entries.length; at += ENTRY) {
      if (entries[at] !== key) continue;
      this.from = entries[at + 1] as number;
      this.to = entries[at + 2] as number;
      return true;
    }
    return false;
  }

  /** '' where it is no text. */
  name(key: number): string {
    if (!this.find(key) || this.bytes[this.from] !== QUOTE) return '';
    return recurringText(this.bytes, this.from, this.to, MAX_NAME_BYTES);
  }

  isTrue(key: number): boolean {
    return this.find(key) && this.bytes[this.from] === LOWER_T;
  }

  /** The text at the first of the places that has one, or ''. */
  nameAt(places: readonly Place[]): string {
    for (const place of places) {
      if (this.#at(place) && this.bytes[this.from] === QUOTE)
        return textAt(this.bytes, this.from, this.to, MAX_NAME_BYTES);
    }
    return '';
  }

  isTrueAt(places: readonly Place[]): boolean {
    for (const place of places) if (this.#at(place) && this.bytes[this.from] === LOWER_T) return true;
    return false;
  }

  /** The whole number at the first of the places that has one which is not negative. */
  numberAt(places: readonly Place[]): number | undefined {
    for (const place of places) {
      if (!this.#at(place) || this.to - this.from > MAX_DIGITS || this.bytes[this.from] === QUOTE) continue;
      const number = Number(this.bytes.toString('latin1', this.from, this.to));
      if (Number.isSafeInteger(number) && number >= 0) return number;
    }
    return undefined;
  }

  #at({ key, inner }: Place): boolean {
    if (!this.find(key)) return false;
    if (inner === undefined) return true;
    if (this.bytes[this.from] !== OPEN_BRACE) return false;
    const parts = new JsonParts(this.bytes, this.from);
    let found = false;
    while (parts.next()) {
      if (textAt(this.bytes, parts.keyFrom, parts.keyTo, inner.length + 1) !== inner) continue;
      found = true;
      this.from = parts.from;
      this.to = parts.to;
    }
    return found;
  }
}
