import { textAt } from '../json/json-text.ts';

/** Names of models that are remembered, and the longest of them. */
const ENTRIES = 64;
const MAX_BYTES = 64;

const BACKSLASH = 0x5c;

const names: string[] = new Array(ENTRIES).fill('');

/**
 * A text of a body, which other bodies are likely to say too: one string serves them all, where making one costs as much as reading
 * 300 bytes.
 * @param from index of its opening quote
 * @param to index after its closing one
 * @param maxBytes as UTF-8; what is longer is cut
 */
export function recurringText(bytes: Buffer, from: number, to: number, maxBytes: number): string {
  const length = to - from - 2;
  if (length > MAX_BYTES || length > maxBytes) return textAt(bytes, from, to, maxBytes);
  let hash = length;
  for (let at = from + 1; at < to - 1; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  const entry = (hash ^ (hash >>> 16)) & (ENTRIES - 1);
  const known = names[entry] as string;
  if (saysAscii(bytes, from + 1, length, known)) return known;
  const name = textAt(bytes, from, to, maxBytes);
  // Others are not found by their bytes: of them each is made anew.
  names[entry] = name;
  return name;
}

/** Whether the bytes are the text, each character a byte; of what has escapes that is not known here. */
function saysAscii(bytes: Buffer, from: number, length: number, text: string): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[from + i] as number;
    if (byte > 0x7f || byte === BACKSLASH || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}
