import type { z } from 'zod';
import { type FieldError, fieldErrors } from './field-error.ts';
import { findKind, KINDS, type KnownObject, versionsOf } from './kinds.ts';
import type { KubeObject } from './kube-object.ts';
import { targetErrors } from './meant-target.ts';
import { isTooDeep, TOO_DEEP } from './nesting.ts';
import { mayRestrict } from './restricting-parts.ts';
import { similarField } from './similar-field.ts';
import {
  hasNoGroup,
  hasTargets,
  isOwnGroup,
  isPolicyKind,
  meantGroup,
  onlyAdds,
  unreadablePolicy,
  unservedPolicySchema,
} from './unserved-policy.ts';

export interface ParsedObject {
  /** Absent when there are errors, or the kind is not known. */
  readonly object?: KnownObject;
  readonly errors: FieldError[];
  /** Unknown kinds and fields: they have no effect. */
  readonly warnings: FieldError[];
  /** Of a policy with errors, what it is about: nobody may reach that as if there were no policy. */
  readonly unreadable?: KubeObject;
}

/**
 * What to do with fields that a kind does not have, and with kinds that are not known, of the API groups that are served here:
 * `error`: as `kubectl` does (strict validation); `warning`: leave them out and say so; `newer`: an API server has taken them,
 * so that its CRD is another one than that which is known here: where they may restrict (in a policy, and in what
 * `restricting-parts.ts` names) they are errors, else warnings.
 */
export type UnknownFields = 'error' | 'warning' | 'newer';

type Json = Readonly<Record<string, unknown>>;

/** Unknown fields of unknown fields are not looked for; nested ones are, so deep and no deeper. */
const MAX_PASSES = 8;

/** Checks an object as an API server does, and gives it the defaults of its CRD. Namespaced objects get `default`. */
export function parseObject(raw: unknown, unknownFields: UnknownFields = 'error'): ParsedObject {
  if (!isJson(raw)) return failure([], 'Invalid value: expected an object with apiVersion and kind');
  if (isTooDeep(raw)) return { errors: [{ path: [], message: TOO_DEEP, type: 'invalid' }], warnings: [] };
  const { apiVersion, kind } = raw;
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return withStandIn(raw, failure(['apiVersion'], 'apiVersion: Required value'));
  if (typeof kind !== 'string' || kind === '') return failure(['kind'], 'kind: Required value');
  const known = findKind(apiVersion, kind);
  const isServed = known !== undefined && known.schema !== unservedPolicySchema;
  if (!isServed && unknownFields === 'warning') return unknownKind(apiVersion, kind, 'warnings');
  if (known === undefined && !(isOwnGroup(apiVersion) && hasTargets(raw)))
    return hasNoGroup(apiVersion) && isKindName(kind)
      ? withStandIn(raw, unknownKind(apiVersion, kind, 'errors'))
      : unknownKind(apiVersion, kind, onlyAdds(apiVersion, kind) ? 'warnings' : 'errors');
  const { schema, namespaced } = known ?? { schema: unservedPolicySchema, namespaced: true };
  const candidate = withNamespace(withoutNulls(raw) as Json, namespaced);
  const parsed = readAs(schema, candidate);
  const isPolicy = !isServed || isPolicyKind(kind);
  const isOurs = isOwnGroup(apiVersion);
  const isError = ({ path }: FieldError) =>
    isOurs &&
    (unknownFields === 'error' || (unknownFields === 'newer' && (isPolicy || mayRestrict(kind, path))));
  const unknown = parsed.unknown.map(each => explained(schema, each, isError(each)));
  const ofSchema = [...parsed.errors, ...unknown];
  const ofTargets = isPolicy ? targetErrors(candidate, !isServed) : [];
  const errors = [
    ...parsed.errors,
    ...unknown.filter(isError),
    ...ofTargets.filter(({ path }) => !ofSchema.some(each => each.path.join('.') === path.join('.'))),
  ];
  const warnings = unknown.filter(each => !isError(each));
  if (errors.length === 0 && parsed.object !== undefined) return { object: parsed.object, errors, warnings };
  const unreadable = isPolicy
    ? unreadablePolicy(
        candidate,
        errors.map(({ message }) => message),
      )
    : undefined;
  return { errors, warnings, ...(unreadable === undefined ? {} : { unreadable }) };
}

/** Without what it does not know, which is left out as an API server prunes it. */
function readAs(
  schema: z.ZodType,
  given: unknown,
): { object?: KnownObject; errors: FieldError[]; unknown: FieldError[] } {
  let candidate = given;
  const unknown: FieldError[] = [];
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const result = schema.safeParse(candidate);
    if (result.success) return { object: result.data as KnownObject, errors: [], unknown };
    const found = result.error.issues.flatMap(issue => fieldErrors(issue, candidate));
    const more = found.filter(error => error.type === 'unknown-field');
    if (more.length === 0) return { errors: firstOfEachField(found), unknown };
    for (const error of more) unknown.push(error);
    candidate = without(
      candidate,
      more.map(error => error.path),
    );
  }
  return { errors: failure([], 'too deep to be understood').errors, unknown };
}

/** A policy that lost its apiVersion, or the group of it, restricts what it is about all the same. */
function withStandIn(raw: Json, parsed: ParsedObject): ParsedObject {
  const { kind } = raw;
  if (typeof kind !== 'string' || !(kind.endsWith('Policy') && isKindName(kind))) return parsed;
  const group = KINDS.find(each => each.kind === kind)!;
  const unreadable = unreadablePolicy(
    { ...raw, apiVersion: `${group.group}/${group.versions[0]}` },
    parsed.errors.map(({ message }) => message),
  );
  return unreadable === undefined ? parsed : { ...parsed, unreadable };
}

function isKindName(kind: string): boolean {
  return KINDS.some(each => each.kind === kind);
}

function unknownKind(apiVersion: string, kind: string, as: 'errors' | 'warnings'): ParsedObject {
  const read = versionsOf(apiVersion, kind);
  const hint = read.length === 0 || read.includes(apiVersion) ? '' : `; read is ${read.join(', ')}`;
  const meant = meantGroup(apiVersion);
  const question = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const message = `no matches for kind "${kind}" in version "${apiVersion}"; it has no effect${hint}${question}`;
  return { errors: [], warnings: [], [as]: [{ path: ['kind'], message, type: 'unknown-kind' }] };
}

/** In kubectl's words where it is an error, with the field that was meant, if one is like it. */
function explained(schema: z.ZodType, error: FieldError, isError: boolean): FieldError {
  const meant = similarField(schema, error.path);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return { ...error, message: `${isError ? 'strict decoding error: ' : ''}${error.message}${hint}` };
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
