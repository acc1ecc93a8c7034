import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { findEnvoy } from './find-envoy.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-find-'));
after(() => rmSync(folder, { recursive: true }));

function program(path: string, mode = 0o755): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '', { mode });
  return file;
}

test('what is named comes first, then the PATH, then virtual environments', () => {
  const named = program('named');
  const onPath = program('path/envoy');
  const wheel = program('venv/lib/python3.11/site-packages/envoy/_bin/envoy');
  const environments = [join(folder, 'none'), join(folder, 'venv')];
  const PATH = `${join(folder, 'none')}:${dirname(onPath)}`;
  assert.equal(findEnvoy({ path: named, env: { PATH }, environments }), named);
  assert.equal(findEnvoy({ env: { ENVOY: named, PATH }, environments }), named);
  assert.equal(findEnvoy({ env: { PATH, ENVOY: '' }, environments }), onPath);
  assert.equal(findEnvoy({ env: {}, environments }), wheel);
  assert.equal(findEnvoy({ env: {}, environments: [] }), undefined);
});

test('what is named must be there, and something to execute', () => {
  const PATH = dirname(program('path/envoy'));
  assert.equal(findEnvoy({ path: program('text', 0o644), env: { PATH }, environments: [] }), undefined);
  assert.equal(findEnvoy({ path: join(folder, 'no'), env: { PATH }, environments: [] }), undefined);
});
