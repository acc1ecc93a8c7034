import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PLUGIN_CATALOG } from '../picker/index.ts';
import { fileSource } from '../source/index.ts';
import { translate } from '../translate/index.ts';
import { CONTROLLER_NAMES } from './controller-names.ts';
import { collectFindings, formatFinding } from './findings.ts';

const folder = new URL('./testdata/', import.meta.url);
const seed = fileURLToPath(new URL('../../examples/circuit-breaking/', import.meta.url));
const update = process.env['UPDATE_GOLDEN'] === '1';

async function findings(paths: readonly string[]): Promise<string[]> {
  const source = await fileSource({ paths, watch: false });
  const set = source.current();
  const { problems } = translate(set, { controllerNames: CONTROLLER_NAMES, plugins: PLUGIN_CATALOG });
  const found = collectFindings(set, source.problems(), problems);
  await source.close();
  return found.map(finding => {
    const { place } = finding;
    return formatFinding(
      place === undefined ? finding : { ...finding, place: { ...place, file: basename(place.file) } },
    );
  });
}

/**
 * One pair a mistake: `testdata/NAME.yaml` and what `check` says of it in `NAME.txt`.
 * `UPDATE_GOLDEN=1 node --test src/control/findings.test.ts` writes what came out; review it as text.
 */
for (const file of readdirSync(folder).filter(name => name.endsWith('.yaml')))
  test(`what check says of ${file}`, async () => {
    const actual = (await findings([fileURLToPath(new URL(file, folder))])).map(line => `${line}\n`).join('');
    const expected = new URL(file.replace(/\.yaml$/, '.txt'), folder);
    if (update) writeFileSync(expected, actual);
    assert.ok(existsSync(expected), `${file} has no .txt: run with UPDATE_GOLDEN=1`);
    assert.equal(actual, readFileSync(expected, 'utf8'));
  });

test('no golden file is left over', () => {
  const names = (end: string) =>
    readdirSync(folder)
      .filter(file => file.endsWith(end))
      .map(file => file.slice(0, -end.length))
      .sort();
  assert.ok(names('.yaml').length > 0);
  assert.deepEqual(names('.txt'), names('.yaml'));
});

test('nothing is said of the example, in any order of its files', async () => {
  const files = readdirSync(seed).map(file => `${seed}${file}`);
  assert.deepEqual(await findings([seed]), []);
  assert.deepEqual(await findings(files.toReversed()), []);
  for (let turn = 1; turn < files.length; turn++)
    assert.deepEqual(await findings([...files.slice(turn), ...files.slice(0, turn)]), []);
});

test('what has no place comes last', () => {
  const at = (file: string, line: number) => ({
    severity: 'error' as const,
    file,
    line,
    column: 1,
    message: 'm',
  });
  const set = { list: () => [], get: () => undefined, all: () => [], originOf: () => undefined };
  const lost = {
    severity: 'error' as const,
    code: 'listener-invalid' as const,
    object: { kind: 'Gateway', namespace: 'a', name: 'g' },
    path: [],
    message: 'm',
  };
  assert.deepEqual(
    collectFindings(set, [at('b', 1), at('a', 2), at('a', 1), at('a', 1)], [lost]).map(formatFinding),
    ['a:1:1: error: m', 'a:2:1: error: m', 'b:1:1: error: m', 'error: Gateway a/g: m'],
  );
});
