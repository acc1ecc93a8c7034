import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileSource } from './index.ts';

const COUNT = 10_000;

test('a large file is read in turns of the event loop when a program starts: a signal does not wait for its end', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-large-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const label = 'x'.repeat(100);
  const document = (i: number) =>
    `---\napiVersion: v1\nkind: Service\nmetadata: { name: s-${i}, annotations: { note: ${label} } }\nspec: { ports: [{ port: 80 }] }\n`;
  const file = join(folder, 'large.yaml');
  writeFileSync(file, Array.from({ length: COUNT }, (_, i) => document(i)).join(''));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const source = await fileSource({ paths: [file], watch: false });
  clearInterval(timer);
  assert.ok(turns > 5, `${turns} turns`);
  assert.equal(source.current().list('Service').length, COUNT);
  assert.deepEqual(source.problems(), []);
  await source.close();
});
