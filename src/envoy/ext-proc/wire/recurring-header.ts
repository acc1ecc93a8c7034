import { saysAscii } from '../../../kernel/index.ts';

/** Longer values are made anew. */
const MAX_BYTES = 128;

/** The value of a header that most requests say alike: one string serves them all, as long as none says another. */
export class RecurringHeader {
  #last = '';

  text(bytes: Buffer, from: number, to: number): string {
    const last = this.#last;
    if (saysAscii(bytes, from, to, last)) return last;
    const text = bytes.toString('utf8', from, to);
    if (to - from <= MAX_BYTES) this.#last = text;
    return text;
  }
}
