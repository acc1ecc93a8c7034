import { type KubeObject, parseObject } from '../api/index.ts';
import { type Finding, titleOf } from '../control/findings.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import type { OverlaySource } from '../source/index.ts';
import { type ApplyResult, MAX_OBJECTS, type ObjectKey } from './wire.ts';

/** One change of the source for all of them: each change costs time with all objects that there are. */
export function applyObjects(source: OverlaySource, raws: readonly unknown[]): Applied[] {
  refuseTooMany(raws);
  const read = raws.map(readOne);
  const outcomes = source.apply(read.flatMap(({ object }) => object ?? []));
  let at = 0;
  return read.map(({ object, result }) =>
    object === undefined
      ? { result }
      : { object, result: { ...result, outcome: outcomes[at++] ?? 'unchanged' } },
  );
}

/** What was taken may be wrong beside the other objects: a policy that cannot be honoured closes what it is about. */
export function withErrors(applied: readonly Applied[], findings: readonly Finding[]): ApplyResult[] {
  const errors = new Map<string, string[]>();
  for (const { severity, object, message } of findings) {
    if (severity !== 'error' || object === undefined) continue;
    const known = errors.get(object);
    if (known === undefined) errors.set(object, [message]);
    else known.push(message);
  }
  return applied.map(({ object, result }) => {
    const more = object === undefined ? undefined : errors.get(titleOf(object));
    return more === undefined ? result : { ...result, warnings: [...result.warnings, ...more] };
  });
}

/** Whether each was there. */
export function deleteObjects(source: OverlaySource, refs: readonly unknown[]): boolean[] {
  refuseTooMany(refs);
  if (!refs.every(isObjectKey))
    throw new BreakwaterError(
      'BW_BAD_REQUEST',
      'expected {"refs": [{"apiVersion": "", "kind": "", "namespace": "", "name": ""}]}',
    );
  return source.delete(refs);
}

function refuseTooMany(items: readonly unknown[]): void {
  if (items.length > MAX_OBJECTS)
    throw new BreakwaterError(
      'BW_TOO_LARGE',
      `expected at most ${MAX_OBJECTS} objects in one request, got ${items.length}: apply them in smaller parts`,
    );
}

interface Applied {
  /** Absent: it is not valid. */
  readonly object?: KubeObject;
  readonly result: ApplyResult;
}

function readOne(raw: unknown): Applied {
  const { object, errors, warnings } = parseObject(raw);
  const claimed = (raw ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown } | null;
  };
  const named = {
    apiVersion: object?.apiVersion ?? textOf(claimed.apiVersion),
    kind: object?.kind ?? textOf(claimed.kind),
    name: object?.metadata.name ?? textOf(claimed.metadata?.name),
    warnings: warnings.map(warning => warning.message),
  };
  if (object !== undefined && errors.length === 0)
    return { object, result: { ...named, outcome: 'unchanged' } };
  // Of a kind that is not known a warning is all that is said.
  const causes = errors.length > 0 ? errors : warnings;
  const message = invalidMessage(
    named,
    causes.map(cause => cause.message),
  );
  return { result: { ...named, outcome: 'invalid', message } };
}

/** What is no text may have no form as text either: a list 50,000 deep, an object with a `toString` of its own. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** kubectl's words for an object that the API server refuses (HTTP 422). */
function invalidMessage({ kind, name }: { kind: string; name: string }, errors: readonly string[]): string {
  const causes = errors.length === 1 ? errors[0] : `\n${errors.map(error => `* ${error}`).join('\n')}`;
  return `The ${kind} "${name}" is invalid: ${causes}`;
}

function isObjectKey(value: unknown): value is ObjectKey {
  const { apiVersion, kind, namespace, name } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof name === 'string' &&
    (namespace === undefined || typeof namespace === 'string')
  );
}
