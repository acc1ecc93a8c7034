import type { ResourceEntry } from '../api/index.ts';
import type { Manifest } from './manifest.ts';
import { keyOf } from './part.ts';

/** Objects of a file that count, and those of them that its text does not have any more. */
interface Counting {
  readonly entries: readonly ResourceEntry[];
  readonly missing: readonly ResourceEntry[];
}

/**
 * An object with errors counts in its last good form. While the text has one that cannot be told from others (a slip in its
 * apiVersion, kind or name), it may be any of those that are missing: they count as they were.
 * @param before what counted until now
 */
export function entriesThatCount(
  { entries, problems, broken }: Manifest,
  before: readonly ResourceEntry[] | undefined,
): Counting {
  // Which objects the text would have had nobody can say.
  const isIllegible = problems.some(({ severity, object }) => severity === 'error' && object === undefined);
  if (isIllegible && before !== undefined) return { entries: before, missing: [] };
  if (broken.length === 0) return { entries, missing: [] };
  const good = new Map(
    before?.flatMap(entry => ('unreadable' in entry.object ? [] : [[keyOf(entry.object), entry] as const])),
  );
  const present = new Set([...entries.map(({ object }) => keyOf(object)), ...broken.map(({ key }) => key)]);
  const mayBeAny = broken.some(({ key, isIdentified }) => !isIdentified && !good.has(key));
  const missing = mayBeAny ? (before ?? []).filter(({ object }) => !present.has(keyOf(object))) : [];
  const unclaimed = missing.map(({ object }) => object.kind.toLowerCase());
  const others = broken.flatMap(({ key, isIdentified, entry }) => {
    const last = good.get(key);
    if (last !== undefined || entry === undefined) return last ?? [];
    // Its last good form is among the missing, so that nothing need stand in for it.
    const at = isIdentified ? -1 : unclaimed.indexOf(entry.object.kind.toLowerCase());
    if (at === -1) return entry;
    unclaimed.splice(at, 1);
    return [];
  });
  return { entries: [...entries, ...others, ...missing], missing };
}

/** What is told of objects that a file has lost and that count all the same. */
export function missingMessage(missing: readonly ResourceEntry[]): string {
  const names = missing
    .slice(0, 3)
    .map(({ object }) => `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  return `an object here cannot be told from others, so that what is missing is kept as it was: ${names.join(', ')}${more}`;
}
