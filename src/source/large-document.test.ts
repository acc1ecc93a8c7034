import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { fileSource } from './index.ts';

const item = (i: number, port: number) =>
  `- apiVersion: v1\n  kind: Service\n  metadata: { name: s-${i}, annotations: { note: ${'x'.repeat(200)} } }\n  spec: { ports: [{ port: ${port} }] }\n`;
const list = (count: number, port: number) =>
  `apiVersion: v1\nkind: List\nitems:\n${Array.from({ length: count }, (_, i) => item(i, port)).join('')}`;

/** Some megabytes in one document: seconds to read. */
const COUNT = 4_000;

/** The longest time for which nothing else had a turn, and the whole time, while something is done. */
async function turnsOf(run: () => Promise<unknown>): Promise<{ longestMs: number; wholeMs: number }> {
  const sinceMs = performance.now();
  let last = sinceMs;
  let longestMs = 0;
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
  }, 1);
  await run();
  clearInterval(timer);
  return { longestMs: Math.max(longestMs, performance.now() - last), wholeMs: performance.now() - sinceMs };
}

test('one large document: signals and requests have their turns while it is read, at the start and at a live edit', {
  timeout: 180_000,
}, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-large-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'large.yaml');
  writeFileSync(file, list(COUNT, 80));
  const start = await turnsOf(async () => {
    const source = await fileSource({ paths: [folder], watch: true });
    t.after(() => source.close());
    assert.equal(source.current().list('Service').length, COUNT);
    const edit = await turnsOf(async () => {
      writeFileSync(join(folder, 'next'), list(COUNT, 81));
      renameSync(join(folder, 'next'), file);
      const portOf = () => source.current().list('Service')[0]?.spec?.ports?.[0]?.port;
      await until('the edit has been read', () => portOf() === 81);
    });
    assert.ok(edit.longestMs < edit.wholeMs / 4, JSON.stringify(edit));
    assert.deepEqual(source.problems(), []);
  });
  assert.ok(start.longestMs < start.wholeMs / 4, JSON.stringify(start));
});

test('one document that is larger than what is read is refused with what to do; what stands beside it is read', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-large-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: { name: beside }\nspec: { ports: [{ port: 80 }] }\n';
  writeFileSync(join(folder, 'large.yaml'), `${service}---\n${list(32_000, 80)}`);
  const source = await fileSource({ paths: [folder], watch: false });
  assert.deepEqual(
    source
      .current()
      .list('Service')
      .map(({ metadata }) => metadata.name),
    ['beside'],
  );
  const [problem, ...more] = source.problems();
  assert.deepEqual(more, []);
  assert.match(
    problem?.message ?? '',
    /^one document of \d+ characters is larger than 8388608, the most that is read: write each of its objects as a document of its own/,
  );
  await source.close();
});
