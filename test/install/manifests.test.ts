import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { PLANES } from '../../src/install/index.ts';
import { Workplace } from '../e2e/cli-process.ts';

const folder = join(import.meta.dirname, '../../deploy/manifests');
const place = new Workplace();
after(() => place.close());

const HEAD = '# Printed by `breakwater install`; written anew by `UPDATE_GOLDEN=1 npm test`.\n';

for (const plane of PLANES) {
  test(`deploy/manifests/${plane}.yaml is what \`breakwater install --plane ${plane}\` prints`, async () => {
    const { stdout, code, stderr } = await place.run(['install', '--plane', plane]);
    assert.equal(code, 0, stderr);
    const file = join(folder, `${plane}.yaml`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, HEAD + stdout);
    assert.equal(readFileSync(file, 'utf8'), HEAD + stdout, 'run with UPDATE_GOLDEN=1 and review it as text');
  });
}

test('the same in JSON', async () => {
  const options = [
    '--namespace',
    'gateways',
    '--replicas',
    '3',
    '--watch-namespace',
    'a',
    '--gateway-class',
    'c',
  ];
  const yaml = await place.run(['install', ...options]);
  const json = await place.run(['install', ...options, '-o', 'json']);
  const documents = parseAllDocuments(yaml.stdout).map(document => (document as { toJS(): unknown }).toJS());
  assert.deepEqual((JSON.parse(json.stdout) as { items: unknown[] }).items, documents);
});

for (const [options, message] of [
  [['--namespace', 'No'], /--namespace: expected the name of a namespace.*got "No"/],
  [['--watch-namespace', 'a.b'], /--watch-namespace: expected .*got "a\.b"/],
  [['--controller-name', 'example.com'], /--controller-name: expected a domain and a path/],
  [['--replicas', '0'], /whole number from 1, got "0"/],
  [['--workers', '0'], /whole number from 1, got "0"/],
  [['--plane', 'other'], /'other' is invalid/],
] as const)
  test(`install ${options.join(' ')} prints nothing but what is wrong`, async () => {
    const { stdout, stderr, code } = await place.run(['install', ...options]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
