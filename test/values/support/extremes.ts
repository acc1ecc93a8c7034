import { z } from 'zod';
import { KINDS, type KnownKind, parseObject } from '../../../src/api/index.ts';

/** A JSON Schema, as far as the schemas of kinds need it. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly minimum?: number;
}

type Path = readonly string[];

const DURATIONS = ['0s', '1ms', '0h0m', '3s', '99999h99999h99999h99999h'];
const NUMBERS = [0, 1, -1, 100, 600, 65_535, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32];
const TEXTS = ['', ' ', '/', '/ok', 'a b', '/a\r\nx: y', '\u0000', '\u007f', 'é', '\ud800', '(', '(?=a)'];
const MORE_TEXTS = ['(a+)+', 'x'.repeat(300), '%REQ(x)%', '%', '*', '-1', '4294967296', '5Gi', '16Ei', '1k'];
const NAMES = [
  'connection',
  'Content-Length',
  ':path',
  'host',
  'CONNECT',
  'a.test',
  '1.2.3.4',
  '1:2',
  'https://a/',
];

/** The values that a field may be asked to have: the ends of what its schema says, and beyond. */
function extremes(schema: Schema): readonly unknown[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(extremes);
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return schema.enum;
  switch (schema.type) {
    case 'boolean':
      return [true, false];
    case 'integer':
      return [...NUMBERS, Number.MAX_SAFE_INTEGER];
    case 'number':
      return [...NUMBERS, 0.5, 1e-300, 1e300];
    case 'string':
      return schema.pattern?.includes('(h|m|s|ms)') ? DURATIONS : [...TEXTS, ...MORE_TEXTS, ...NAMES];
    default:
      return [];
  }
}

/** Paths of all scalars; `[]` stands for the one item of a list. */
function* scalars(schema: Schema, path: Path = []): Generator<readonly [Path, Schema]> {
  if (schema.properties !== undefined)
    for (const [name, each] of Object.entries(schema.properties)) yield* scalars(each, [...path, name]);
  else if (schema.items !== undefined) yield* scalars(schema.items, [...path, '[]']);
  else if (schema.anyOf?.some(each => each.properties !== undefined))
    for (const each of schema.anyOf) yield* scalars(each, path);
  else yield [path, schema];
}

/** The smallest value that may do. @param pick which of the alternatives */
function least(schema: Schema, pick: number): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.anyOf !== undefined) return least(schema.anyOf[pick % schema.anyOf.length] as Schema, pick);
  if (schema.enum !== undefined) return schema.enum[pick % schema.enum.length];
  if (schema.properties !== undefined) return withValue(schema, [], undefined, pick);
  if (schema.items !== undefined) return [];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(1, schema.minimum ?? 1);
  if (schema.type === 'boolean') return false;
  return schema.pattern?.includes('(h|m|s|ms)') ? '1s' : 'a';
}

/** A value with one field as it is given, and what has to be there besides. */
function withValue(schema: Schema, path: Path, value: unknown, pick: number): unknown {
  const [first, ...rest] = path;
  if (schema.anyOf !== undefined && path.length > 0)
    return withValue(schema.anyOf.find(each => each.properties) ?? {}, path, value, pick);
  if (schema.properties !== undefined) {
    const made: Record<string, unknown> = {};
    for (const [name, each] of Object.entries(schema.properties)) {
      if (name === first) made[name] = withValue(each, rest, value, pick);
      else if (schema.required?.includes(name)) made[name] = least(each, pick);
    }
    return made;
  }
  if (first === '[]') return [withValue(schema.items as Schema, rest, value, pick)];
  return value;
}

/** As many alternatives of a union are tried to find an object that its schema takes. */
const PICKS = 8;

export interface Extreme {
  /** Of the field, and its value. */
  readonly title: string;
  readonly object: object;
}

/**
 * Objects of a kind with one scalar at an extreme, all that its schema takes.
 * @param at the part of the object whose scalars are meant
 * @param wrap what is around it
 */
export function* extremeObjects(
  kind: KnownKind,
  at: Path,
  wrap: (part: Record<string, unknown>) => object,
): Generator<Extreme> {
  const entry = KINDS.find(({ id }) => id === kind)!;
  let part = z.toJSONSchema(entry.schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  for (const name of at) part = (name === '[]' ? part.items : part.properties?.[name]) as Schema;
  for (const [path, schema] of scalars(part)) {
    for (const value of extremes(schema)) {
      for (let pick = 0; pick < PICKS; pick++) {
        const object = wrap(withValue(part, path, value, pick) as Record<string, unknown>);
        if (parseObject(object).object === undefined) continue;
        yield {
          title: `${kind} ${[...at, ...path].join('.')} ${JSON.stringify(value).slice(0, 60)}`,
          object,
        };
        break;
      }
    }
  }
}
