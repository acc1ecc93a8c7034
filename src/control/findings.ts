import type { KubeObject, ResourceSet } from '../api/index.ts';
import type { SourceProblem } from '../source/index.ts';
import type { Problem } from '../translate/index.ts';

/** Something wrong in the manifests, with the place to mend. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  /** Absent for objects that came over the admin API. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
  /** `HTTPRoute default/test-httproute`; absent where the manifest could not even be read. */
  readonly object?: string;
}

/** All that is wrong, once each, in the order of files and lines; what has no place comes last. */
export function collectFindings(
  set: ResourceSet,
  sourceProblems: readonly SourceProblem[],
  problems: readonly Problem[],
): Finding[] {
  const objects = new Map(problems.length === 0 ? [] : set.all().map(object => [titleOf(object), object]));
  const findings = [
    ...sourceProblems.map(fromSource),
    ...problems.map(problem => fromTranslation(set, objects, problem)),
  ];
  const unique = new Map(findings.map(finding => [formatFinding(finding), finding]));
  return [...unique.values()].sort(
    (a, b) =>
      Number(a.place === undefined) - Number(b.place === undefined) ||
      compare(a.place?.file ?? '', b.place?.file ?? '') ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
      compare(a.message, b.message),
  );
}

function fromTranslation(
  set: ResourceSet,
  objects: ReadonlyMap<string, KubeObject>,
  { severity, code, object, path, message }: Problem,
): Finding {
  const { kind, namespace, name } = object;
  const title = titleOf({ kind, metadata: namespace === '' ? { name } : { name, namespace } });
  const known = objects.get(title);
  const origin = known === undefined ? undefined : set.originOf(known);
  const finding = { severity, code, message: `${title}: ${message}`, object: title };
  return origin === undefined
    ? finding
    : { ...finding, place: { file: origin.file, ...origin.positionOf(path) } };
}

/** `HTTPRoute default/test-httproute`. */
export function titleOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

function fromSource({ severity, file, line, column, message, object }: SourceProblem): Finding {
  const finding = { severity, code: 'manifest-invalid', message, place: { file, line, column } };
  return object === undefined ? finding : { ...finding, object };
}

/** `FILE:LINE:COLUMN: error: MESSAGE`, as compilers write it; a message without a place may begin with its object. */
export function formatFinding({ place, object, severity, message }: Finding): string {
  if (place === undefined && object !== undefined && message.startsWith(`${object}: `))
    return `${severity}: ${message}`;
  const at = place === undefined ? (object ?? 'manifests') : `${place.file}:${place.line}:${place.column}`;
  return `${at}: ${severity}: ${message}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
