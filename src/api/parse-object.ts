import { type FieldError, fieldErrors } from './field-error.ts';
import { findKind, type KnownObject, versionsOf } from './kinds.ts';

export interface ParsedObject {
  /** Absent when there are errors, or the kind is not known. */
  readonly object?: KnownObject;
  readonly errors: FieldError[];
  /** Unknown kinds and fields: they have no effect. */
  readonly warnings: FieldError[];
}

type Json = Readonly<Record<string, unknown>>;

/** Unknown fields of unknown fields are not looked for; nested ones are, so deep and no deeper. */
const MAX_PASSES = 8;

/** Checks an object as an API server does, and gives it the defaults of its CRD. Namespaced objects get `default`. */
export function parseObject(raw: unknown): ParsedObject {
  if (!isJson(raw)) return failure([], 'Invalid value: expected an object with apiVersion and kind');
  const { apiVersion, kind } = raw;
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return failure(['apiVersion'], 'apiVersion: Required value');
  if (typeof kind !== 'string' || kind === '') return failure(['kind'], 'kind: Required value');
  const known = findKind(apiVersion, kind);
  if (known === undefined) {
    const read = versionsOf(apiVersion, kind);
    const hint = read.length === 0 ? '' : `; read is ${read.join(', ')}`;
    const message = `no matches for kind "${kind}" in version "${apiVersion}"; it has no effect${hint}`;
    return { errors: [], warnings: [{ path: ['kind'], message, type: 'unknown-kind' }] };
  }
  let candidate = withNamespace(withoutNulls(raw) as Json, known.namespaced) as unknown;
  const warnings: FieldError[] = [];
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const result = known.schema.safeParse(candidate);
    if (result.success) return { object: result.data as KnownObject, errors: [], warnings };
    const found = result.error.issues.flatMap(issue => fieldErrors(issue, candidate));
    const unknown = found.filter(error => error.type === 'unknown-field');
    if (unknown.length === 0) return { errors: firstOfEachField(found), warnings };
    warnings.push(...unknown);
    // What is not known is left out, as an API server prunes it.
    candidate = without(
      candidate,
      unknown.map(error => error.path),
    );
  }
  return failure([], `${kind}: too deep to be understood`);
}

function failure(path: FieldError['path'], message: string): ParsedObject {
  return { errors: [{ path, message, type: path.length === 0 ? 'invalid' : 'required' }], warnings: [] };
}

/** An API server looks no further at a field that has an error; rules are about several fields, and are all said. */
function firstOfEachField(errors: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>();
  return errors.filter(({ path, message }) => {
    const key = message.includes(' in body ') ? path.join('.') : message;
    return !seen.has(key) && seen.add(key);
  });
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Free-form values, by key and the one above: in a patch, a null takes a field away. */
const FREE_FORM = new Set(['patch value', 'jsonPatches value', 'dynamicModule config']);

/** A field that is null is one that is not there, as for an API server: generators write `creationTimestamp: null`. */
function withoutNulls(value: unknown, key = '', above = ''): unknown {
  if (Array.isArray(value)) return value.map(item => withoutNulls(item, key, above));
  if (!isJson(value) || FREE_FORM.has(`${above} ${key}`)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      item === null ? [] : [[name, withoutNulls(item, name, key)]],
    ),
  );
}

function withNamespace(raw: Json, namespaced: boolean): Json {
  const { metadata } = raw;
  if (!isJson(metadata)) return raw;
  const { namespace, ...rest } = metadata;
  if (!namespaced) return { ...raw, metadata: rest };
  return { ...raw, metadata: { ...metadata, namespace: namespace ?? 'default' } };
}

function without(value: unknown, paths: readonly FieldError['path'][]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) {
    let at = copy as Record<string | number, unknown>;
    for (const part of path.slice(0, -1)) at = at[part] as Record<string | number, unknown>;
    delete at[path.at(-1) as string];
  }
  return copy;
}
