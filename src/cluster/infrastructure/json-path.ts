import { isJson } from './merge.ts';

/** Where a value is: names of fields and indexes of lists, from the root. */
export type Location = readonly (string | number)[];

interface Place {
  readonly at: Location;
  readonly value: unknown;
}

type Step = (place: Place) => Place[];

const TERM = String.raw`@((?:\.[A-Za-z_][\w-]*|\['[^']*'\])*)\s*(?:(==|!=)\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|null))?`;
const SHAPES: readonly (readonly [RegExp, (...groups: string[]) => Step])[] = [
  [/^\.\.\*/, () => place => descendants(place).slice(1)],
  [/^\.\.(?=\[)/, () => descendants],
  [/^\.\.([A-Za-z_][\w-]*)/, name => place => descendants(place).flatMap(each => child(each, name ?? ''))],
  [/^(?:\.\*|\[\*\])/, () => children],
  [/^\.([A-Za-z_][\w-]*)/, name => place => child(place, name ?? '')],
  [/^\[(?:'([^']*)'|"([^"]*)")\]/, (single, double) => place => child(place, single ?? double ?? '')],
  [/^\[(-?\d+)\]/, index => place => item(place, Number(index))],
  [
    new RegExp(String.raw`^\[\?\(?\s*(${TERM}(?:\s*&&\s*${TERM})*)\s*\)?\]`),
    condition => place => children(place).filter(({ value }) => holds(condition ?? '', value)),
  ],
];

/**
 * Where the values are that a JSONPath selects (RFC 9535): names, indexes, `*`, `..` and filters that compare with `==` and `!=`, or
 * ask whether something is there, joined by `&&`. @throws Error for anything else
 */
export function locate(document: unknown, path: string): Location[] {
  if (!path.startsWith('$')) throw new Error(`jsonPath "${path}": expected "$" first`);
  if (path === '$') throw new Error('jsonPath "$" alone is not allowed');
  return placesIn(document, path.slice(1)).map(({ at }) => at);
}

function placesIn(value: unknown, path: string): readonly Place[] {
  let places: readonly Place[] = [{ at: [], value }];
  for (let rest = path; rest !== ''; ) {
    const [length, step] = nextStep(rest);
    if (step === undefined) throw new Error(`jsonPath "$${path}": "${rest}" is not understood`);
    places = places.flatMap(step);
    rest = rest.slice(length);
  }
  return places;
}

function nextStep(rest: string): readonly [number, Step | undefined] {
  for (const [shape, make] of SHAPES) {
    const match = shape.exec(rest);
    if (match !== null) return [match[0].length, make(...match.slice(1))];
  }
  return [0, undefined];
}

function children({ at, value }: Place): Place[] {
  if (Array.isArray(value))
    return value.map((each, index) => ({ at: [...at, index], value: each as unknown }));
  return isJson(value)
    ? Object.entries(value).map(([name, each]) => ({ at: [...at, name], value: each }))
    : [];
}

function descendants(place: Place): Place[] {
  return [place, ...children(place).flatMap(descendants)];
}

function child({ at, value }: Place, name: string): Place[] {
  return isJson(value) && Object.hasOwn(value, name) ? [{ at: [...at, name], value: value[name] }] : [];
}

function item({ at, value }: Place, index: number): Place[] {
  if (!Array.isArray(value)) return [];
  const from = index < 0 ? value.length + index : index;
  return from in value ? [{ at: [...at, from], value: value[from] as unknown }] : [];
}

function holds(condition: string, value: unknown): boolean {
  return [...condition.matchAll(new RegExp(TERM, 'g'))].every(([, path = '', operator, literal = '']) => {
    const found = placesIn(value, path);
    if (operator === undefined) return found.length > 0;
    const wanted: unknown = literal.startsWith("'") ? literal.slice(1, -1) : JSON.parse(literal);
    return (found[0]?.value === wanted) === (operator === '==');
  });
}
