import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ONE_PLANE_ONLY } from '../differential/support/seen.ts';
import { ALL } from '../differential/tables/all.ts';
import { root } from './markdown.ts';

/** `UPDATE_GOLDEN=1 node --test test/docs/planes.test.ts` writes the page's tables anew. */
const file = join(root, 'docs/reference/planes.md');
const BEGIN = '<!-- made from test/differential by test/docs/planes.test.ts -->';

test('planes.md has every row where the planes differ', () => {
  const text = readFileSync(file, 'utf8');
  const head = text.slice(0, text.indexOf(BEGIN));
  const made = `${head}${BEGIN}\n\n${tables()}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, made);
  assert.equal(readFileSync(file, 'utf8'), made, 'run with UPDATE_GOLDEN=1 and review it as text');
});

function tables(): string {
  const lines = [
    '## Headers that one plane adds',
    '',
    '| header | of | plane | what |',
    '| --- | --- | --- | --- |',
  ];
  for (const [of, rows] of Object.entries(ONE_PLANE_ONLY))
    for (const [name, plane, what] of rows) lines.push(`| \`${name}\` | ${of}s | ${plane} | ${what} |`);
  for (const [title, scenarios] of ALL) {
    const rows = scenarios.flatMap(({ name, differs }) =>
      differs === undefined ? [] : [{ name, ...differs }],
    );
    if (rows.length === 0) continue;
    const groups = Map.groupBy(rows, ({ why }) => why);
    lines.push('', `## ${title}`);
    for (const [why, same] of groups) {
      lines.push('', why, '', '| what | embedded | Envoy |', '| --- | --- | --- |');
      for (const { name, embedded, envoy } of same)
        lines.push(`| ${cell(name)} | ${value(embedded)} | ${value(envoy)} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;');
}

function value(what: unknown): string {
  if (what === undefined) return 'nothing';
  if (typeof what === 'string') return what === '' ? 'nothing' : cell(what);
  const text = JSON.stringify(what);
  if (text === '{}') return 'nothing';
  return cell(
    text
      .replace(/^[{[]|[}\]]$/g, '')
      .replaceAll('"', '')
      .replaceAll(',', ', '),
  );
}
