/**
 * What a terminal acts on instead of showing it: control characters (C0 without line feed and tab, DEL, C1), line and paragraph
 * separators, and what turns the direction of writing. Names, paths and models are written by clients and tenants.
 */
const ACTING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text of any length, for a terminal or a log: such characters as escapes, which JSON reads as the same. */
export function printable(text: string): string {
  return text.replace(ACTING, escaped);
}

/** A value that stands in one line: line feeds and tabs too. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
