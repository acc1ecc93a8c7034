import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { OverdueChildren } from './overdue-children.ts';

test('a child that spins is killed once it is overdue, and named', async () => {
  const overdue = new OverdueChildren(process.pid, 1000);
  const child = spawn(process.execPath, ['-e', 'for (;;);']);
  await once(child, 'spawn');
  const exit = once(child, 'exit');
  assert.deepEqual(overdue.look(0), []);
  assert.deepEqual(overdue.look(1000), []);
  assert.match(overdue.look(1001).join('\n'), /-e for \(;;\);/);
  assert.equal((await exit)[1], 'SIGKILL');
  assert.deepEqual(overdue.look(5000), []);
});
