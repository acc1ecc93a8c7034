/** Keys in order, of objects with keys just so: thousands of objects have one of a few shapes. */
const ordered = new Map<string, readonly string[]>();
/** Shapes that are remembered: labels and header names make some of their own. */
const MAX_SHAPES = 1_000;
/** Needs no escape in JSON. */
const PLAIN = /^[\w\-./:*+,;=@ ]*$/;

/** JSON with the keys of objects in order; of values that JSON can say, the text that `JSON.stringify` gives for them. */
export function stableJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value)
        ? `[${value.map(stableJson).join()}]`
        : objectJson(value as Record<string, unknown>);
    case 'number':
    case 'boolean':
      return JSON.stringify(value);
    default:
      return 'null';
  }
}

function objectJson(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const key of keysInOrder(object)) {
    const value = object[key];
    if (value !== undefined) text += `${text === '' ? '{' : ','}${quoted(key)}:${stableJson(value)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function keysInOrder(object: object): readonly string[] {
  const keys = Object.keys(object);
  const shape = keys.join('\0');
  const known = ordered.get(shape);
  // `{}` and `{"": …}` have the same.
  if (known?.length === keys.length) return known;
  keys.sort();
  if (ordered.size < MAX_SHAPES) ordered.set(shape, keys);
  return keys;
}
