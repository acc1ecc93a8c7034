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
      return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? arrayJson(value) : objectJson(value as Record<string, unknown>);
    case 'number':
    case 'boolean':
      return JSON.stringify(value);
    default:
      return 'null';
  }
}

function arrayJson(values: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += stableJson(values[index]);
  }
  return `${text}]`;
}

function objectJson(object: Readonly<Record<string, unknown>>): string {
  let text = '{';
  for (const key of keysInOrder(object)) {
    const value = object[key];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${stableJson(key)}:${stableJson(value)}`;
  }
  return `${text}}`;
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
