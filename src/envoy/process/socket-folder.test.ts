import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { makeSocketFolder, NoSocketFolder } from './socket-folder.ts';

test('a folder whose path is as long as it may be holds sockets, and one that is longer is not taken', async t => {
  const root = mkdtempSync('/tmp/bw-');
  t.after(() => rmSync(root, { recursive: true }));
  const parentOf = (bytes: number) => join(root, 'x'.repeat(bytes - root.length - 1));
  const longest = parentOf(72);
  const longer = parentOf(73);
  for (const each of [longest, longer]) mkdirSync(each);
  const folder = makeSocketFolder([longest]);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const server = createServer();
  await once(server.listen(join(folder, 'picker')), 'listening');
  server.close();
  const fallback = makeSocketFolder([longer, tmpdir()]);
  t.after(() => rmSync(fallback, { recursive: true }));
  assert.equal(dirname(fallback), tmpdir());
});

test('where there is none, each folder is named with what is wrong with it', () => {
  const long = `/tmp/${'x'.repeat(200)}`;
  assert.throws(
    () => makeSocketFolder([long, '/nowhere']),
    (error: Error) =>
      error instanceof NoSocketFolder &&
      /x has a path of more than 72 bytes.*; ENOENT: .*\/nowhere/.test(error.message),
  );
});
