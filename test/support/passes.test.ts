import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALONE, LONGEST, passesOf } from './passes.ts';

const root = join(import.meta.dirname, '../..');

test('what takes longest begins first, and what times things comes last, by itself', () => {
  const [longest, alone] = [LONGEST[0] as string, ALONE[0] as string];
  assert.deepEqual(passesOf(['src/a.test.ts', alone, longest, 'test/b.test.ts'], 4), [
    { files: [longest, 'src/a.test.ts', 'test/b.test.ts'], atOnce: 4 },
    { files: [alone], atOnce: 1 },
  ]);
});

test('a pass without files is none', () => {
  assert.deepEqual(passesOf(['src/a.test.ts'], 2), [{ files: ['src/a.test.ts'], atOnce: 2 }]);
  assert.deepEqual(passesOf([], 2), []);
});

test('every file that has a place of its own is there, and has one place', () => {
  const all = [...LONGEST, ...ALONE];
  assert.deepEqual(
    all.filter(file => !existsSync(join(root, file))),
    [],
  );
  assert.equal(new Set(all).size, all.length);
});
