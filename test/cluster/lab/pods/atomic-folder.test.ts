import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../support/until.ts';
import { AtomicFolder } from './atomic-folder.ts';

const file = (text: string, mode = 0o644) => ({ data: Buffer.from(text), mode });

test('files are links through ..data, and change by one move that a watcher of the folder sees', async t => {
  const path = await mkdtemp(join(tmpdir(), 'breakwater-volume-'));
  t.after(() => rm(path, { recursive: true }));
  const folder = new AtomicFolder(path, { user: process.getuid!(), group: process.getgid!() });
  assert.ok(
    await folder.write(
      new Map([
        ['a', file('1')],
        ['sub/b', file('2', 0o600)],
      ]),
    ),
  );
  assert.equal(await readFile(join(path, 'a'), 'utf8'), '1');
  assert.equal(await readFile(join(path, 'sub/b'), 'utf8'), '2');
  assert.equal((await stat(join(path, 'sub/b'))).mode & 0o777, 0o600);
  assert.equal(await readlink(join(path, 'a')), '..data/a');
  assert.equal(
    await folder.write(
      new Map([
        ['a', file('1')],
        ['sub/b', file('2', 0o600)],
      ]),
    ),
    false,
  );

  const moved: (string | null)[] = [];
  const watcher = watch(path, (event, name) => event === 'rename' && moved.push(name));
  t.after(() => watcher.close());
  assert.ok(await folder.write(new Map([['a', file('3')]])));
  await until('..data moved', () => (moved.includes('..data') ? true : undefined));
  assert.equal(await readFile(join(path, 'a'), 'utf8'), '3');
  const names = await readdir(path);
  assert.equal(names.length, 3, `${names}`);
  assert.ok(!names.includes('sub'));
});
