import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const MANIFEST = /\.(ya?ml|json)$/;
/** Folders of tools, not of manifests. */
const SKIPPED = new Set(['node_modules', '.git']);

/** What is below paths. */
export interface Found {
  readonly files: string[];
  /** In which an edit can change what is found. */
  readonly folders: string[];
  /** Folders that are there and cannot be looked into: no right to, or no file descriptor left. */
  readonly unreadable: { readonly folder: string; readonly error: Error }[];
  /** Links that lead to nothing, perhaps to a folder that is just being put in place. */
  readonly dangling: string[];
}

/** The manifest files that paths name: files as they are, folders with all `*.yaml`, `*.yml`, `*.json` below them. Sorted. */
export function findManifests(paths: readonly string[]): Found {
  const found: Found = { files: [], folders: [], unreadable: [], dangling: [] };
  const visited = new Set<string>();
  for (const path of paths) {
    const kind = kindOf(path);
    if (kind === 'folder') walk(path, found, visited);
    else found.folders.push(nearestFolder(dirname(path)));
    if (kind === 'file' || kind === 'special') found.files.push(path);
  }
  const seen = new Set<string>();
  const files = found.files.filter(file => !seen.has(resolve(file)) && seen.add(resolve(file)));
  return { ...found, files };
}

/** `special`: a pipe or device, which can be read once. */
export function kindOf(path: string): 'file' | 'folder' | 'special' | 'none' {
  try {
    const stat = statSync(path);
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'special';
  } catch {
    return 'none';
  }
}

/** Follows symbolic links to folders, into each folder once. */
function walk(folder: string, found: Found, visited: Set<string>): void {
  try {
    const real = realpathSync(folder);
    if (visited.has(real)) return;
    visited.add(real);
    found.folders.push(folder);
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const kind = kindOf(path);
      if (kind === 'folder') {
        // `..data` and the like are how a mounted ConfigMap is updated: its files are links beside them.
        if (!SKIPPED.has(entry.name) && !entry.name.startsWith('..')) walk(path, found, visited);
      } else if (MANIFEST.test(entry.name) && (kind === 'file' || kind === 'none')) {
        found.files.push(path);
      } else if (kind === 'none' && entry.isSymbolicLink()) {
        // It may lead to a folder, while what it leads to is put in place.
        found.dangling.push(path);
      }
    }
  } catch (error) {
    // Otherwise it vanished while it was looked at.
    if (kindOf(folder) === 'folder') found.unreadable.push({ folder, error: error as Error });
  }
}

/** The folder in which one that is not there would appear, or the first above it. */
function nearestFolder(path: string): string {
  return kindOf(path) === 'folder' || dirname(path) === path ? path : nearestFolder(dirname(path));
}
