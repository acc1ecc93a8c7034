import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The repository's own Markdown file. */
export function page(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export interface Fence {
  /** All that stands after the backticks: a language, and what else a test wants to know. */
  readonly info: string;
  readonly text: string;
}

/** The fenced blocks, in order (CommonMark section 4.5, backticks only). */
export function fences(markdown: string): Fence[] {
  const pattern = /^( *)(`{3,})([^\n]*)\n(.*?)^\1\2$/gms;
  return [...markdown.matchAll(pattern)].map(([, indent = '', , info = '', text = '']) => ({
    info,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** What stands under a heading, down to the next of its level or above. */
export function section(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex(line => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const level = lines[start]!.indexOf(' ');
  const length = lines.slice(start + 1).findIndex(line => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** Rows of the first table, without its head; code marks and escapes are taken away. */
export function table(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex(line => /^\| -/.test(line));
  if (start < 0) throw new Error('no table');
  const rest = lines.slice(start + 1);
  const length = rest.findIndex(line => !line.startsWith('|'));
  return rest.slice(0, length < 0 ? undefined : length).map(line =>
    line
      .replace(/^\|\s?|\s?\|$/g, '')
      .split(/(?<!\\)\|/)
      .map(cell => cell.trim().replaceAll('`', '').replaceAll('\\|', '|')),
  );
}
