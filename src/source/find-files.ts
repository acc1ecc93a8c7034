import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MANIFEST = /\.(ya?ml|json)$/;
/** Folders of tools, not of manifests. */
const SKIPPED = new Set(['node_modules', '.git']);

/** The manifest files that paths name: files as they are, folders with all `*.yaml`, `*.yml`, `*.json` below them. Sorted. */
export function findFiles(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap(path => (isFolder(path) ? filesIn(path) : isFile(path) ? [path] : [])))];
}

function filesIn(folder: string): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(folder);
  } catch {
    // It vanished while it was looked at.
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name);
      if (isFolder(path)) return SKIPPED.has(entry.name) || entry.isSymbolicLink() ? [] : filesIn(path);
      return MANIFEST.test(entry.name) && isFile(path) ? [path] : [];
    });
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

/** The folders in which an edit can change what {@link findFiles} finds. */
export function findFolders(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap(path => (isFolder(path) ? foldersIn(path) : [dirname(path)])))];
}

function foldersIn(folder: string): string[] {
  try {
    const below = readEntries(folder).filter(entry => entry.isDirectory() && !SKIPPED.has(entry.name));
    return [folder, ...below.flatMap(entry => foldersIn(join(folder, entry.name)))];
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
