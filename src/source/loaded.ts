import type { ResourceEntry, UnknownFields } from '../api/index.ts';
import { entriesThatCount, missingMessage } from './entries-that-count.ts';
import { type FileText, isEmpty } from './half-written.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/** A file as it counts. */
export interface Loaded extends FileText {
  readonly manifest: Manifest;
  /** Objects that count: the manifest's, and of those that are broken the last good form; all from before where the text is. */
  readonly entries: readonly ResourceEntry[];
}

/** What could not be read, with what is told of that. */
export function unread(file: string, message: string): Loaded {
  const problem = { severity: 'error', file, line: 1, column: 1, message } as const;
  const manifest = { entries: [], problems: [problem], broken: [], parts: new Map() };
  return { text: '', identity: '', manifest, entries: [] };
}

/** The same {@link Loaded} where the text is the same. */
export function load(
  file: string,
  now: FileText,
  before: Loaded | undefined,
  unknownFields: UnknownFields | undefined,
  ahead?: Manifest,
): Loaded {
  const { text, identity } = now;
  if (before?.text === text) return before.identity === identity ? before : { ...before, identity };
  const manifest = parseManifest(file, text, ahead ?? before?.manifest, unknownFields);
  const emptied = isEmpty(text) && before !== undefined && before.entries.length > 0;
  const { entries, missing } = entriesThatCount(manifest, before?.entries);
  const message = emptied
    ? 'has become empty: the objects that it had are removed'
    : missing.length > 0
      ? missingMessage(missing)
      : undefined;
  return {
    text,
    identity,
    manifest: message === undefined ? manifest : withWarning(file, manifest, message),
    entries,
  };
}

function withWarning(file: string, manifest: Manifest, message: string): Manifest {
  const problem = { severity: 'warning', file, line: 1, column: 1, message } as const;
  return { ...manifest, problems: [...manifest.problems, problem] };
}
