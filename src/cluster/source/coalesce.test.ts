import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAtMs } from './coalesce.ts';

test('a change alone is told at once, a burst as one, and edits without a pause ten times a second', () => {
  let calls: number[] = [];
  const run = (changes: readonly number[]) => {
    calls = [];
    let at = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const now of [...changes, Number.POSITIVE_INFINITY]) {
      if (at <= now && at !== Number.POSITIVE_INFINITY) {
        calls.push((last = at));
        at = Number.POSITIVE_INFINITY;
      }
      if (at === Number.POSITIVE_INFINITY && now !== at) at = callAtMs(now, last);
    }
    return calls;
  };
  assert.deepEqual(run([1000]), [1020]);
  assert.deepEqual(run([1000, 1001, 1019]), [1020]);
  assert.deepEqual(run([1000, 5000]), [1020, 5020]);
  const seconds = 10;
  const edits = Array.from({ length: 50 * seconds }, (_, index) => index * 20);
  assert.ok(run(edits).length <= 10 * seconds + 1, `${calls.length}`);
  assert.ok(calls.at(-1)! >= edits.at(-1)!);
});
