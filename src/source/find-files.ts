import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const MANIFEST = /\.(ya?ml|json)$/;
/** Folders of tools, not of manifests. */
const SKIPPED = new Set(['node_modules', '.git']);

interface Found {
  readonly files: string[];
  readonly folders: string[];
}

/** The manifest files that paths name: files as they are, folders with all `*.yaml`, `*.yml`, `*.json` below them. Sorted. */
export function findFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap(path => (kindOf(path) === 'folder' ? walk(path).files : [path]));
  const seen = new Set<string>();
  return files.filter(file => !seen.has(resolve(file)) && seen.add(resolve(file)));
}

/** The folders in which an edit can change what {@link findFiles} finds. */
export function findFolders(paths: readonly string[]): string[] {
  return [
    ...new Set(
      paths.flatMap(path =>
        kindOf(path) === 'folder' ? walk(path).folders : [nearestFolder(dirname(path))],
      ),
    ),
  ];
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
function walk(folder: string, found: Found = { files: [], folders: [] }, visited = new Set<string>()): Found {
  try {
    const real = realpathSync(folder);
    if (visited.has(real)) return found;
    visited.add(real);
    const entries = readdirSync(folder, { withFileTypes: true });
    found.folders.push(folder);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const kind = kindOf(path);
      if (kind === 'folder') {
        // `..data` and the like are how a mounted ConfigMap is updated: its files are links beside them.
        if (!SKIPPED.has(entry.name) && !entry.name.startsWith('..')) walk(path, found, visited);
      } else if (MANIFEST.test(entry.name) && (kind === 'file' || kind === 'none')) {
        found.files.push(path);
      }
    }
  } catch {
    // It vanished while it was looked at.
  }
  return found;
}

/** The folder in which one that is not there would appear, or the first above it. */
function nearestFolder(path: string): string {
  return kindOf(path) === 'folder' || dirname(path) === path ? path : nearestFolder(dirname(path));
}
