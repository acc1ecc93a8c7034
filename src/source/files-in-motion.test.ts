import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { VirtualClock } from '../kernel/virtual-clock-for-test.ts';
import { fileSource, Listeners, type Source } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-source-'));
after(() => rmSync(root, { recursive: true }));

const folder = () => mkdtempSync(join(root, 'm'));
const configMap = (name: string, value = 'x') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  key: ${value}\n`;
const names = (source: Source) =>
  source
    .current()
    .list('ConfigMap')
    .map(object => object.metadata.name);
const value = (source: Source, name: string) =>
  source.current().get('ConfigMap', 'default', name)?.data?.['key'];

/** Longer than edits are put together. */
const PAUSE_MS = 200;

/** Resolves at the next change. */
function nextChange(source: Source): Promise<void> {
  return new Promise(resolve => {
    const stop = source.onChange(() => {
      stop();
      resolve();
    });
  });
}

test('a file that is written in place, with pauses, keeps its objects until it is whole', async t => {
  const { clock, end } = VirtualClock.use();
  t.after(end);
  const path = folder();
  const file = join(path, 'a.yaml');
  const text = (v: string) => `${configMap('a', v)}---\n${configMap('b', v)}`;
  writeFileSync(file, text('v1'));
  const source = await fileSource({ paths: [path], watch: true });
  t.after(() => source.close());
  const seen: string[][] = [];
  source.onChange(() => seen.push(names(source)));
  const steps = ['', text('v2').slice(0, 30), configMap('a', 'v2'), text('v2')];
  for (const step of steps) {
    writeFileSync(file, step);
    await until('it hears of the edit', () => (clock.waitingMs[0] ?? PAUSE_MS) < PAUSE_MS);
    await clock.advance(PAUSE_MS);
  }
  assert.equal(value(source, 'b'), 'v2');
  assert.ok(
    seen.every(each => each.join() === 'a,b'),
    JSON.stringify(seen),
  );
});

test('a device without an end is refused by its size, and keeps nobody from the rest', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.yaml'), configMap('a'));
  const source = await fileSource({ paths: [path, '/dev/zero'], watch: false });
  assert.deepEqual(names(source), ['a']);
  assert.match(source.problems()[0]?.message ?? '', /larger than 67108864 bytes/);
  await source.close();
});

test('links in a circle are followed once; a link to a folder that leads to nothing for a moment takes nothing away', async () => {
  const path = folder();
  const data = folder();
  writeFileSync(join(data, 'a.yaml'), configMap('a'));
  symlinkSync(path, join(path, 'circle'));
  symlinkSync('self', join(path, 'self'));
  symlinkSync(data, join(path, 'sub'));
  const source = await fileSource({ paths: [path], watch: true });
  assert.deepEqual(names(source), ['a']);
  const told = nextChange(source);
  renameSync(data, `${data}.old`);
  writeFileSync(join(path, 'b.yaml'), configMap('b'));
  await told;
  assert.deepEqual(names(source), ['a', 'b']);
  renameSync(`${data}.old`, data);
  await source.close();
});

test('a listener that throws keeps no other from hearing of a change', () => {
  const listeners = new Listeners();
  const told: string[] = [];
  listeners.add(() => {
    throw new Error('a full table');
  });
  listeners.add(() => told.push('second'));
  assert.throws(() => listeners.call(), /a full table/);
  assert.deepEqual(told, ['second']);
});
