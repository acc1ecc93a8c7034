import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { KubeObject, ResourceSet } from '../api/index.ts';
import { collectFindings, type Finding } from '../control/findings.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { fileSource, type SourceProblem } from '../source/index.ts';

/** @throws BreakwaterError when no path is given, or one does not exist or may not be read */
export function requireManifests(paths: readonly string[]): void {
  if (paths.length === 0)
    throw new BreakwaterError('BW_USAGE', 'must specify at least one -f FILE, folder or -');
  for (const path of paths)
    if (path !== '-' && !existsSync(path))
      throw new BreakwaterError('BW_NO_MANIFESTS', `the path "${path}" does not exist`);
  for (const path of paths)
    if (path !== '-' && !isReadable(path))
      throw new BreakwaterError('BW_NO_MANIFESTS', `the path "${path}" may not be read by this user`);
}

/** A folder is looked into as well. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | (statSync(path).isDirectory() ? constants.X_OK : 0));
    return true;
  } catch {
    return false;
  }
}

export interface Manifests {
  readonly set: ResourceSet;
  readonly problems: readonly SourceProblem[];
}

/** Reads manifests once. */
export async function loadManifests(paths: readonly string[], lenient = false): Promise<Manifests> {
  requireManifests(paths);
  const source = await fileSource({ paths, watch: false, unknownFields: lenient ? 'warning' : 'error' });
  try {
    return { set: source.current(), problems: source.problems() };
  } finally {
    await source.close();
  }
}

/** Objects of manifests in the order in which they are written, and what is wrong with the others. */
export async function readManifests(
  paths: readonly string[],
  lenient = false,
): Promise<{ objects: readonly KubeObject[]; findings: readonly Finding[] }> {
  const { set, problems } = await loadManifests(paths, lenient);
  const objects = set
    .all()
    .map(object => ({ object, origin: set.originOf(object) }))
    .sort(({ origin: a }, { origin: b }) => {
      if (a === undefined || b === undefined) return 0;
      return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;
    });
  const readable = objects.map(({ object }) => object).filter(object => !('unreadable' in object));
  return { objects: readable, findings: collectFindings(set, problems, []) };
}
