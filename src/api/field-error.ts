import type { z } from 'zod';
import type { RuleParams } from './schema-rules.ts';

/** Something wrong with one field of an object. */
export interface FieldError {
  readonly path: readonly (string | number)[];
  /** As an API server says it, the path included: `spec.port: Required value`. */
  readonly message: string;
  readonly type: 'required' | 'invalid' | 'not-supported' | 'unknown-field' | 'unknown-kind';
}

type Path = FieldError['path'];
type Issue = z.core.$ZodIssue;

/** As the API server writes it: `spec.rules[0].matches`. */
function fieldName(path: Path): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number'
        ? `${name}[${part}]`
        : /^[A-Za-z0-9_$-]+$/.test(part)
          ? `${name}${name === '' ? '' : '.'}${part}`
          : `${name}[${part}]`,
    '',
  );
}

/** Errors of one issue of a schema, in the words of apiextensions' validation (and of field.Error). */
export function fieldErrors(issue: Issue, raw: unknown): FieldError[] {
  const path = issue.path.filter(part => typeof part !== 'symbol');
  const name = fieldName(path);
  const value = valueAt(raw, path);
  const invalid = (why: string): FieldError[] => [
    { path, type: 'invalid', message: `${name}: Invalid value: ${shown(value)}: ${why}` },
  ];
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return [{ path, type: 'required', message: `${name}: Required value` }];
      return [wrongType(path, name, value, typeName(issue.expected))];
    case 'invalid_value':
      if (value === undefined) return [{ path, type: 'required', message: `${name}: Required value` }];
      return [
        {
          path,
          type: 'not-supported',
          message: `${name}: Unsupported value: ${shown(value)}: supported values: ${issue.values.map(each => JSON.stringify(String(each))).join(', ')}`,
        },
      ];
    case 'too_small':
      if (issue.origin === 'string')
        return invalid(`${name} in body should be at least ${issue.minimum} chars long`);
      if (issue.origin === 'array') return tooFew(path, name, value, issue.minimum, 'items');
      return invalid(`${name} in body should be greater than or equal to ${issue.minimum}`);
    case 'too_big':
      if (issue.origin === 'string')
        return [
          {
            path,
            type: 'invalid',
            message: `${name}: Too long: may not be more than ${issue.maximum} bytes`,
          },
        ];
      if (issue.origin === 'array')
        return [
          {
            path,
            type: 'invalid',
            message: `${name}: Too many: ${Array.isArray(value) ? value.length : 0}: must have at most ${issue.maximum} items`,
          },
        ];
      return invalid(`${name} in body should be less than or equal to ${issue.maximum}`);
    case 'invalid_format':
      return invalid(
        `${name} in body should match '${(issue.pattern ?? issue.format).replace(/^\/|\/$/g, '')}'`,
      );
    case 'unrecognized_keys':
      return issue.keys.map(key => ({
        path: [...path, key],
        type: 'unknown-field' as const,
        message: `unknown field "${fieldName([...path, key])}"`,
      }));
    case 'invalid_union':
      return unionErrors(issue, raw, path, name);
    case 'custom':
      return [ruleError(issue.message, (issue.params ?? {}) as RuleParams, path, name, value)];
    default:
      return invalid(issue.message);
  }
}

/** Of one or the other, the errors of the one whose type it is. */
function unionErrors(
  { errors }: z.core.$ZodIssueInvalidUnion,
  raw: unknown,
  path: Path,
  name: string,
): FieldError[] {
  const value = valueAt(raw, path);
  if (value === undefined) return [{ path, type: 'required', message: `${name}: Required value` }];
  const meant = errors.find(issues => issues.every(issue => issue.code !== 'invalid_type'));
  if (meant === undefined) {
    const types = errors
      .flat()
      .flatMap(issue => (issue.code === 'invalid_type' ? typeName(issue.expected) : []));
    return [wrongType(path, name, value, types.join(' or '))];
  }
  return meant.flatMap(issue => fieldErrors({ ...issue, path: [...path, ...issue.path] }, raw));
}

function wrongType(path: Path, name: string, value: unknown, expected: string): FieldError {
  const type = JSON.stringify(jsonType(value));
  const message = `${name}: Invalid value: ${type}: ${name} in body must be of type ${expected}: ${type}`;
  return { path, type: 'invalid', message };
}

function ruleError(
  message: string,
  { at = [], duplicate, minProperties, value: said }: RuleParams,
  path: Path,
  name: string,
  value: unknown,
): FieldError {
  if (duplicate !== undefined) {
    return { path, type: 'invalid', message: `${name}: Duplicate value: ${JSON.stringify(duplicate)}` };
  }
  if (minProperties !== undefined) return tooFew(path, name, value, minProperties, 'properties')[0]!;
  const what = said === undefined ? JSON.stringify(jsonType(value)) : JSON.stringify(said);
  return { path: [...path, ...at], type: 'invalid', message: `${name}: Invalid value: ${what}: ${message}` };
}

function tooFew(
  path: Path,
  name: string,
  value: unknown,
  minimum: number | bigint,
  what: string,
): FieldError[] {
  const found = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  const message = `${name}: Invalid value: ${found}: ${name} in body should have at least ${minimum} ${what}`;
  return [{ path, type: 'invalid', message }];
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}

/** A value as field.Error prints it; what is not scalar by its type. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(jsonType(value))
    : (JSON.stringify(value) ?? 'null');
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** OpenAPI's name of a type of the schema. */
function typeName(expected: string): string {
  // Nearly every number of these APIs is an integer, and zod calls both "number".
  return { int: 'integer', number: 'integer', record: 'object' }[expected] ?? expected;
}
