const MAX_SHOWN = 100;

/** What a manifest says, in a message: cut, and with control characters as JSON escapes them, those that JSON leaves too. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_SHOWN) : value);
  return text.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
