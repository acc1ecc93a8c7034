import type { z } from 'zod';

type Path = readonly (string | number)[];

/** What a schema is made of, as far as fields are found by it (zod's `_zod.def`). */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
}

/** Of more letters that differ than this nobody has meant the other. */
const MAX_DISTANCE = 3;

/** The field that was meant by one that is not known: the most similar one of the same object, if one is similar. */
export function similarField(schema: z.ZodType, path: Path): string | undefined {
  const wrong = path.at(-1);
  if (typeof wrong !== 'string' || wrong.length > 64) return undefined;
  const limit = Math.min(MAX_DISTANCE, Math.floor(wrong.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const field of fieldsAt(schema, path.slice(0, -1))) {
    const distance = distanceOf(wrong.toLowerCase(), field.toLowerCase());
    if (distance >= bestDistance) continue;
    best = field;
    bestDistance = distance;
  }
  return best;
}

/** The fields that an object at a path may have; of one or the other, those of both. */
function fieldsAt(schema: z.ZodType, path: Path): string[] {
  const { type, shape, element, innerType, valueType, options, in: input } = schema.def as Definition;
  const inner = innerType ?? input;
  if (inner !== undefined) return fieldsAt(inner, path);
  if (options !== undefined) return options.flatMap(option => fieldsAt(option, path));
  const [part, ...rest] = path;
  if (part === undefined) return shape === undefined ? [] : Object.keys(shape);
  const next = type === 'array' ? element : type === 'record' ? valueType : shape?.[part];
  return next === undefined ? [] : fieldsAt(next, rest);
}

/** Levenshtein's: letters to add, take away or change. */
export function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
