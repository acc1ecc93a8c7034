import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { VirtualClock } from '../kernel/virtual-clock-for-test.ts';
import { fileSource } from './index.ts';

test('a file that stays empty has no objects, after ten seconds', async t => {
  const { clock, end } = VirtualClock.use();
  t.after(end);
  const path = mkdtempSync(join(tmpdir(), 'breakwater-empty-'));
  t.after(() => rmSync(path, { recursive: true }));
  const file = join(path, 'a.yaml');
  writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n');
  const source = await fileSource({ paths: [path], watch: true });
  t.after(() => source.close());
  const names = () =>
    source
      .current()
      .list('ConfigMap')
      .map(object => object.metadata.name);
  writeFileSync(file, '');
  await until('it hears of the edit', () => clock.waitingMs.length > 0);
  await clock.advance(9_900);
  assert.deepEqual(names(), ['a']);
  await clock.until('it has no objects', () => names().length === 0);
  assert.ok(clock.monotonicMs() >= 10_000);
});
