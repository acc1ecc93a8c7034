import type { ResourceSet } from '../api/index.ts';
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
  const findings = [
    ...sourceProblems.map(fromSource),
    ...problems.map(problem => fromTranslation(set, problem)),
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

/** `FILE:LINE:COLUMN: error: MESSAGE`, as compilers write it. */
export function formatFinding({ place, object, severity, message }: Finding): string {
  const at = place === undefined ? (object ?? 'manifests') : `${place.file}:${place.line}:${place.column}`;
  return `${at}: ${severity}: ${message}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
