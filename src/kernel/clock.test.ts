import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTimer, stopTimer } from './clock.ts';
import { sleep } from './sleep.ts';

test('a duration beyond what Node can hold does not fire at once', async () => {
  let fired = false;
  const timer = startTimer(600 * 3_600_000, () => {
    fired = true;
  });
  // What fires at once would fire before this.
  await sleep(2);
  stopTimer(timer);
  assert.equal(fired, false);
});
