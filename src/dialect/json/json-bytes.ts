/** Bounds on reading what a body says. Beyond one of them it counts as unread: a body that no model server reads either, or an attack. */
export const JSON_BOUNDS = {
  /** Objects and lists in one another. Python's json ends at its recursion limit of 1,000. */
  maxDepth: 1000,
  /** Keys, texts, objects and lists; numbers in a list (token ids) are not counted. */
  maxValues: 1_000_000,
  /** Bytes outside of texts: they are looked at one by one. Three million token ids. */
  maxStructureBytes: 32 * 1024 * 1024,
} as const;

/** Results of {@link valueEnd} that are no index. */
export const CUT_OFF = -1;
export const BEYOND = -2;

// Each file that looks at every byte has its own: one that is imported is loaded anew for each byte, and a pass takes twice as long.
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What reading has cost so far. */
export interface JsonCost {
  values: number;
  structureBytes: number;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Whether a byte may stand in a number, or in `true`, `false`, `null` and what Python's json adds to them. */
export function isOfWord(byte: number): boolean {
  return (
    byte > 0x20 &&
    byte !== COMMA &&
    byte !== COLON &&
    byte !== QUOTE &&
    byte !== CLOSE_BRACE &&
    byte !== CLOSE_BRACKET &&
    byte !== OPEN_BRACE &&
    byte !== OPEN_BRACKET
  );
}

/** Whether the bytes from there on are the others. */
export function standsAt(bytes: Buffer, from: number, others: Buffer): boolean {
  for (let i = 0; i < others.length; i++) if (bytes[from + i] !== others[i]) return false;
  return true;
}

/** @returns index of the next byte that is no white space (RFC 8259 section 2) */
export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

/** So many bytes of a text are looked at here before the search of its end is left to the engine: a call costs as much as 25 bytes. */
const NEAR = 16;

/**
 * @param from index of the opening quote
 * @returns index after the closing one, or {@link CUT_OFF}
 */
export function textEnd(bytes: Buffer, from: number): number {
  let at = from + 1;
  for (;;) {
    const near = Math.min(bytes.length, at + NEAR);
    while (at < near) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) return at + 1;
      at += byte === BACKSLASH ? 2 : 1;
    }
    if (at >= bytes.length) return CUT_OFF;
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return CUT_OFF;
    let backslashes = 0;
    while (quote - 1 - backslashes >= at && bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    at = quote + 1;
    if (backslashes % 2 === 0) return at;
  }
}

/**
 * Passes over one value, in a loop: whatever is nested in it costs no stack. That brackets match is left to the model server.
 * @param from index of its first byte
 * @returns index after it, or {@link CUT_OFF}, or {@link BEYOND}
 */
export function valueEnd(bytes: Buffer, from: number, cost: JsonCost): number {
  const { maxDepth, maxValues, maxStructureBytes } = JSON_BOUNDS;
  let depth = 0;
  let at = from;
  /** The byte before, white space left out, ended a number. */
  let afterDigit = false;
  let mark = from;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (isDigit(byte)) {
      do at++;
      while (isDigit(bytes[at] as number));
      afterDigit = true;
      continue;
    }
    if (byte === QUOTE) {
      cost.structureBytes += at - mark;
      at = textEnd(bytes, at);
      if (at === CUT_OFF) return CUT_OFF;
      if (++cost.values > maxValues) return BEYOND;
      if (depth === 0) return at;
      mark = at;
      afterDigit = false;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth || ++cost.values > maxValues) return BEYOND;
      afterDigit = false;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      // The end of what holds a number or a word.
      if (depth === 0) break;
      if (--depth === 0) {
        cost.structureBytes += at + 1 - mark;
        return at + 1;
      }
    } else if (byte === COMMA) {
      if (depth === 0) break;
      if (!afterDigit && ++cost.values > maxValues) return BEYOND;
      afterDigit = false;
    } else if (depth === 0 && byte <= 0x20) break;
    at++;
    if (at - mark > maxStructureBytes - cost.structureBytes) return BEYOND;
  }
  cost.structureBytes += at - mark;
  // A number or a word may end with the body; at the top a body is an object, so that this one is cut off.
  return at >= bytes.length || at === from ? CUT_OFF : at;
}
