/** Keys in order, of objects with keys just so: thousands of objects have one of a few shapes. */
const ordered = new Map<string, readonly string[]>();
/** Shapes that are remembered: labels and header names make some of their own. */
const MAX_SHAPES = 1_000;
/** Needs no escape in JSON. */
const PLAIN = /^[\w\-./:*+,;=@ ]*$/;

/** Pieces of this length: a plan's text is tens of megabytes, which nobody needs in one. */
const PIECE_CHARS = 65_536;

/** JSON with the keys of objects in order; of values that JSON can say, the text that `JSON.stringify` gives for them. */
export function stableJson(value: unknown): string {
  const pieces: string[] = [];
  writeStableJson(value, piece => pieces.push(piece));
  return pieces.join('');
}

/** {@link stableJson} in pieces. */
export function writeStableJson(value: unknown, sink: (piece: string) => void): void {
  const writer = new Writer(sink);
  writer.value(value);
  writer.end();
}

class Writer {
  readonly #sink: (piece: string) => void;
  #text = '';

  constructor(sink: (piece: string) => void) {
    this.#sink = sink;
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#text += quoted(value);
        break;
      case 'object':
        if (value === null) this.#text += 'null';
        else if (Array.isArray(value)) this.#array(value);
        else this.#object(value as Record<string, unknown>);
        break;
      case 'number':
      case 'boolean':
        this.#text += JSON.stringify(value);
        break;
      default:
        this.#text += 'null';
    }
  }

  end(): void {
    this.#sink(this.#text);
    this.#text = '';
  }

  #array(values: readonly unknown[]): void {
    this.#text += '[';
    for (let index = 0; index < values.length; index++) {
      if (index > 0) this.#text += ',';
      this.value(values[index]);
      if (this.#text.length > PIECE_CHARS) this.end();
    }
    this.#text += ']';
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    let separator = '{';
    for (const key of keysInOrder(object)) {
      const value = object[key];
      if (value === undefined) continue;
      this.#text += `${separator}${quoted(key)}:`;
      separator = ',';
      this.value(value);
    }
    this.#text += separator === '{' ? '{}' : '}';
  }
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
