import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-file-deadline-'));
after(() => rmSync(folder, { recursive: true }));

test('a file that something holds after its tests fails with what that is', () => {
  const file = join(folder, 'held.test.mjs');
  writeFileSync(
    file,
    "import { test } from 'node:test'; test('ends', () => { setInterval(() => {}, 50); });",
  );
  const preload = join(import.meta.dirname, 'file-deadline.ts');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, ['--import', preload, '--test', file], {
    env: { ...env, TEST_FILE_DEADLINE_MS: '1500' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 1);
  assert.match(stdout, /held\.test\.mjs does not end within 1\.5 s; it is held by .*Timeout/);
});
