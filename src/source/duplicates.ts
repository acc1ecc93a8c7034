import type { ResourceEntry } from '../api/index.ts';
import type { SourceProblem } from './source.ts';

/** One object in two places: which one counts should not be a guess. */
export function duplicates(entries: readonly ResourceEntry[]): SourceProblem[] {
  const seen = new Map<string, ResourceEntry>();
  const problems: SourceProblem[] = [];
  for (const entry of entries) {
    const { apiVersion, kind, metadata } = entry.object;
    const title = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
    const key = `${apiVersion.split('/')[0]} ${title}`;
    const first = seen.get(key)?.origin;
    seen.set(key, entry);
    if (first === undefined || entry.origin === undefined) continue;
    const { file, line, column } = entry.origin;
    problems.push({
      severity: 'warning',
      file,
      line,
      column,
      object: title,
      message: `${title}: takes the place of the one at ${first.file}:${first.line}`,
    });
  }
  return problems;
}
