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

/** Whether the bytes are the text, each character a byte. */
function saysAscii(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[from + i] as number;
    if (byte > 0x7f || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}
