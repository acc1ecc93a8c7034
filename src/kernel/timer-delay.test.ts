import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_TIMER_MS, timerMs } from './timer-delay.ts';

test('durations are clamped to what a timer takes', () => {
  assert.equal(timerMs(-5), 0);
  assert.equal(timerMs(0), 0);
  assert.equal(timerMs(1500), 1500);
  assert.equal(timerMs(LONGEST_TIMER_MS + 1), LONGEST_TIMER_MS);
  assert.equal(timerMs(600 * 3_600_000), LONGEST_TIMER_MS);
  assert.equal(timerMs(Number.POSITIVE_INFINITY), LONGEST_TIMER_MS);
  assert.equal(timerMs(Number.NaN), LONGEST_TIMER_MS);
});
