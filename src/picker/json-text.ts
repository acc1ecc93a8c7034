const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** @param from index of the opening quote. @returns index after the closing one */
export function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/**
 * Whether JSON.parse would make more values of a text, about: a body of a few megabytes can be gigabytes on the heap
 * (`[{},{},…`), and V8 ends the whole process when a heap is full.
 */
export function hasMoreValuesThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = stringEnd(text, i) - 1;
    else if ((code === COMMA || code === OPEN_BRACE || code === OPEN_BRACKET) && ++values > max) return true;
  }
  return false;
}
