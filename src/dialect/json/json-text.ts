import { NextBackslash } from './next-backslash.ts';

const BACKSLASH = 0x5c;
const LOWER_U = 0x75;

/** From here on a call of the engine's copy costs less than a loop. */
const LONG_BYTES = 48;

/** What `\n` and the like stand for (RFC 8259 section 7); the rest stands for itself. */
const ESCAPED: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/**
 * Writes what a JSON text says, as UTF-8, as far as there is room.
 * @param from index after its opening quote
 * @param to index of its closing quote
 * @param backslash of the same bytes
 * @returns bytes written
 */
export function writeText(
  bytes: Buffer,
  from: number,
  to: number,
  out: Buffer,
  outFrom: number,
  backslash: NextBackslash,
): number {
  const end = out.length;
  let at = from;
  let written = outFrom;
  while (at < to && written < end) {
    const plainTo = Math.min(to, at + end - written, backslash.after(at));
    if (plainTo - at > LONG_BYTES) {
      written += bytes.copy(out, written, at, plainTo);
      at = plainTo;
    } else while (at < plainTo) out[written++] = bytes[at++] as number;
    if (at >= to || written >= end) break;
    const escaped = bytes[at + 1] as number;
    at += 2;
    if (escaped !== LOWER_U) {
      out[written++] = ESCAPED.get(escaped) ?? escaped;
      continue;
    }
    let code = hex4(bytes, at, to);
    at += 4;
    // A pair of surrogates is one character (section 7); a lone one becomes U+FFFD.
    if (code >= 0xd800 && code < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === LOWER_U) {
      const low = hex4(bytes, at + 2, to);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
    }
    written += writeCode(code >= 0xd800 && code < 0xe000 ? 0xfffd : code, out, written);
  }
  return written - outFrom;
}

/** Bytes of a character in UTF-8, one after the other, as far as there is room. */
function writeCode(code: number, out: Buffer, at: number): number {
  let length = 1;
  if (code < 0x80) out[at] = code;
  else if (code < 0x800) {
    out[at] = 0xc0 | (code >> 6);
    out[at + 1] = 0x80 | (code & 0x3f);
    length = 2;
  } else if (code < 0x10000) {
    out[at] = 0xe0 | (code >> 12);
    out[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    out[at + 2] = 0x80 | (code & 0x3f);
    length = 3;
  } else {
    out[at] = 0xf0 | (code >> 18);
    out[at + 1] = 0x80 | ((code >> 12) & 0x3f);
    out[at + 2] = 0x80 | ((code >> 6) & 0x3f);
    out[at + 3] = 0x80 | (code & 0x3f);
    length = 4;
  }
  // What is written beyond the end of a Buffer is lost.
  return Math.min(length, out.length - at);
}

/** U+FFFD for what is no four hexadecimal digits. */
function hex4(bytes: Buffer, from: number, to: number): number {
  if (from + 4 > to) return 0xfffd;
  let code = 0;
  for (let at = from; at < from + 4; at++) {
    const digit = hexDigit(bytes[at] as number);
    if (digit === -1) return 0xfffd;
    code = code * 16 + digit;
  }
  return code;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * A JSON text as a string of its own: nothing of the body stays in memory for it.
 * @param from index of its opening quote
 * @param to index after its closing one
 * @param maxBytes as UTF-8; what is longer is cut
 */
export function textAt(bytes: Buffer, from: number, to: number, maxBytes: number): string {
  return unquotedTextAt(bytes, from + 1, to - 1, maxBytes);
}

/** The same of what stands between the quotes. */
export function unquotedTextAt(bytes: Buffer, from: number, to: number, maxBytes: number): string {
  if (to - from <= maxBytes && isPlain(bytes, from, to)) return bytes.toString('utf8', from, to);
  const out = Buffer.allocUnsafe(Math.min(maxBytes, to - from));
  return out.toString('utf8', 0, writeText(bytes, from, to, out, 0, new NextBackslash(bytes)));
}

/** Whether there is no backslash in it. */
function isPlain(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > LONG_BYTES) return !bytes.subarray(from, to).includes(BACKSLASH);
  for (let at = from; at < to; at++) if (bytes[at] === BACKSLASH) return false;
  return true;
}
