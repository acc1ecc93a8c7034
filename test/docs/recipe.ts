import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fences, page, root, section } from './markdown.ts';

/** What a recipe may look at or change. */
const COPIED = [
  'src',
  'test',
  'docs',
  'bench',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'package.json',
  'biome.json',
  'biome.rooms.json',
];
const LINKED = ['node_modules'];

/** A file that a recipe of CONTRIBUTING.md makes, or lines that it changes in one. */
export interface Step {
  readonly file: string;
  readonly kind: 'new' | 'changed';
  readonly text: string;
}

/** The fenced blocks of a recipe whose info says a file: `ts FILE` is the whole of it, `diff FILE` has lines to change. */
export function recipeOf(heading: string): Step[] {
  return fences(section(page('CONTRIBUTING.md'), heading)).flatMap(({ info, text }): Step[] => {
    const [kind, file] = info.split(' ');
    if (file === undefined) return [];
    return [{ file, kind: kind === 'diff' ? 'changed' : 'new', text }];
  });
}

/** A copy of the tree in a folder of its own. */
export function copyTree(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of LINKED) symlinkSync(join(root, name), join(folder, name));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

export function apply(folder: string, { file, kind, text }: Step): void {
  const path = join(folder, file);
  if (kind === 'new') writeFileSync(path, text, { flag: 'wx' });
  else writeFileSync(path, changed(readFileSync(path, 'utf8'), text, file));
}

/**
 * Lines with a plus go below the one above them, which is looked for from there on, and those with a minus go away; `…` at the end of a
 * line that is looked for stands for the rest of it.
 */
function changed(before: string, diff: string, file: string): string {
  const lines = before.split('\n');
  let at = -1;
  let wasFound = false;
  for (const line of diff.split('\n').filter(text => text !== '')) {
    if (line.startsWith('+')) {
      assert.ok(wasFound, `${file}: nothing says where ${line} goes`);
      lines.splice(++at, 0, line.slice(1));
      continue;
    }
    const wanted = line.slice(1);
    const places = lines.flatMap((text, i) => (isMeant(text, wanted) && i > at ? [i] : []));
    assert.ok(places.length > 0, `${file} has no line ${wanted}`);
    at = places[0] as number;
    wasFound = true;
    if (line.startsWith('-')) lines.splice(at--, 1);
  }
  return lines.join('\n');
}

function isMeant(text: string, wanted: string): boolean {
  return wanted.endsWith('…') ? text.startsWith(wanted.slice(0, -1).trimEnd()) : text === wanted;
}

/** Files of a copy that differ from the tree's, are new or are gone, in order. */
export function touched(folder: string): string[] {
  const files = (top: string) =>
    new Map(
      COPIED.flatMap(name => {
        const entries = name.includes('.')
          ? []
          : readdirSync(join(top, name), { recursive: true, withFileTypes: true });
        const found = entries
          .filter(entry => entry.isFile())
          .map(entry => join(entry.parentPath, entry.name));
        return (name.includes('.') ? [join(top, name)] : found).map(
          path => [relative(top, path), path] as const,
        );
      }),
    );
  const ours = files(root);
  const theirs = files(folder);
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter(name => {
      const [a, b] = [ours.get(name), theirs.get(name)];
      return a === undefined || b === undefined || !readFileSync(a).equals(readFileSync(b));
    })
    .sort();
}
