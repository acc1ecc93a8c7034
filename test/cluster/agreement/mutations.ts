/** An object that differs from a good one in one place. */
export interface Mutation {
  /** `spec.rules.0.name=""`; the value as JSON, `(gone)` where the field is left out. */
  readonly title: string;
  readonly object: object;
}

type Path = readonly (string | number)[];

const GONE = Symbol('gone');
/** Not about what a kind is made of, and the same for all kinds. */
const COMMON = ['apiVersion', 'kind', 'metadata', 'status'];

/** All that can be done to one field of an object, for each of its fields: left out, of another type, too much, out of range. */
export function mutations(object: object): Mutation[] {
  return places(object)
    .filter(([[first]]) => !COMMON.includes(String(first)))
    .flatMap(([path, value]) =>
      [GONE, null, ...otherValues(value)].map(other => ({
        title: `${path.join('.')}=${other === GONE ? '(gone)' : shortened(JSON.stringify(other))}`,
        object: replaced(object, path, other),
      })),
    );
}

/** Every field and list item, with its value. */
function places(value: unknown, path: Path = []): [Path, unknown][] {
  const here: [Path, unknown][] = path.length === 0 ? [] : [[path, value]];
  if (typeof value !== 'object' || value === null) return here;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...here, ...entries.flatMap(([key, item]) => places(item, [...path, key]))];
}

const STRINGS = ['', 'a', 'A_b!', '*.a.example', '-a', '99999999h', '12'];

function otherValues(value: unknown): unknown[] {
  switch (typeof value) {
    case 'string':
      return [...STRINGS, 'x'.repeat(64), 'x'.repeat(5000), 7, {}];
    case 'number':
      return [-1, 0, 1, 101, 302, 65_536, 2 ** 31, 2 ** 32, 1.5, String(value)];
    case 'boolean':
      return [!value, 'true', 1];
    default:
      return Array.isArray(value) ? otherLists(value) : otherObjects(value as object);
  }
}

function otherLists(list: readonly unknown[]): unknown[] {
  const [first] = list;
  const many = (count: number) => Array.from({ length: count }, () => first);
  return [
    [],
    {},
    'a',
    [...list, first],
    [first],
    many(2),
    many(17),
    many(65),
    many(300),
    [null],
    [{}],
    ['a'],
    [1],
  ];
}

function otherObjects(object: object): unknown[] {
  return [{}, [], 'a', { ...object, noSuchField: 1 }];
}

function replaced(value: unknown, [key, ...rest]: Path, other: unknown): object {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  if (rest.length > 0) copy[key!] = replaced(copy[key!], rest, other);
  else if (other !== GONE) copy[key!] = other;
  else if (Array.isArray(copy)) copy.splice(key as number, 1);
  else delete copy[key!];
  return copy;
}

function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 60)}… (${text.length} characters)`;
}
