import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findServers, newToken, type RunningServer, stateFolder, writeStateFile } from './state-file.ts';

function server(pid: number, cwd: string, startedAtMs: number): RunningServer {
  return {
    pid,
    cwd,
    startedAtMs,
    url: `http://127.0.0.1:${19000 + pid}`,
    token: newToken(),
    version: '0.1.0',
  };
}

const root = mkdtempSync(join(tmpdir(), 'breakwater-state-'));
after(() => rmSync(root, { recursive: true }));

function folder(): string {
  return join(mkdtempSync(join(root, 'x')), 'run');
}

test('finds the one started here first, then the newest', () => {
  const run = folder();
  for (const entry of [server(1, '/a', 10), server(2, '/b', 20), server(3, '/c', 30), server(4, '/a', 5)])
    writeStateFile(entry, run);
  assert.deepEqual(
    findServers('/a', run, () => true).map(found => found.pid),
    [1, 4, 3, 2],
  );
  assert.deepEqual(
    findServers('/elsewhere', run, () => true).map(found => found.pid),
    [3, 2, 1, 4],
  );
});

test('removes files of processes that are gone and files that are damaged', () => {
  const run = folder();
  writeStateFile(server(1, '/a', 10), run);
  writeStateFile(server(2, '/a', 20), run);
  writeFileSync(join(run, '9.json'), '{"pid":');
  assert.deepEqual(
    findServers('/a', run, pid => pid === 1).map(found => found.pid),
    [1],
  );
  assert.deepEqual(readdirSync(run), ['1.json']);
});

test('a real process: this one is alive', () => {
  const run = folder();
  const remove = writeStateFile(server(process.pid, '/a', 1), run);
  assert.equal(findServers('/a', run).length, 1);
  remove();
  assert.equal(findServers('/a', run).length, 0);
});

test('folder and file are for their owner only', () => {
  const run = folder();
  writeStateFile(server(1, '/a', 10), run);
  assert.equal(statSync(run).mode & 0o777, 0o700);
  assert.equal(statSync(join(run, '1.json')).mode & 0o777, 0o600);
});

test('no folder, no servers', () => assert.deepEqual(findServers('/a', folder()), []));

test('the folder follows XDG_RUNTIME_DIR, then HOME; one that cannot be written to is passed over', () => {
  const here = mkdtempSync(join(root, 'home'));
  assert.equal(stateFolder({ XDG_RUNTIME_DIR: here, HOME: '/' }), join(here, 'breakwater'));
  assert.equal(
    stateFolder({ XDG_RUNTIME_DIR: '/does/not/exist', HOME: here }),
    join(here, '.breakwater', 'run'),
  );
  assert.match(stateFolder({ HOME: '/does/not/exist' }), /breakwater-\d+$/);
  assert.match(stateFolder({ XDG_RUNTIME_DIR: '/proc', HOME: '/proc' }), /breakwater-\d+$/);
});
