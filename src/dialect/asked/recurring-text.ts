import { saysAscii } from '../../kernel/index.ts';
import { textAt } from '../json/json-text.ts';

/** Names of models that are remembered, and the longest of them. */
const ENTRIES = 64;
const MAX_BYTES = 64;

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
  if (saysAscii(bytes, from + 1, to - 1, known)) return known;
  const name = textAt(bytes, from, to, maxBytes);
  // Bytes with a backslash say another text than they are: what has one is made anew each time, and so is what has more than ASCII.
  if (!name.includes('\\')) names[entry] = name;
  return name;
}
