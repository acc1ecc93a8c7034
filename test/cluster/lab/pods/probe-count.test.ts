import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeCount } from './probe-count.ts';

test('a probe changes its mind after as many answers in a row as its thresholds say', () => {
  const count = new ProbeCount({ failureThreshold: 2, successThreshold: 2, periodSeconds: 3 }, false, 0);
  const seen = [true, true, false, true, false, false, true].map((answer, index) => {
    count.record(answer, index);
    return count.passes;
  });
  assert.deepEqual(seen, [false, true, true, true, true, false, false]);
});

test('it is due after its delay, then every period, both cut to the longest', () => {
  const slow = new ProbeCount({ initialDelaySeconds: 5, periodSeconds: 7 }, true, 1000);
  assert.ok(!slow.isDue(5999));
  assert.ok(slow.isDue(6000));
  slow.record(true, 6000);
  assert.ok(!slow.isDue(12_999));
  assert.ok(slow.isDue(13_000));
  const quick = new ProbeCount({ initialDelaySeconds: 5, periodSeconds: 7 }, true, 1000, 250);
  assert.ok(quick.isDue(1250));
  quick.record(true, 1250);
  assert.ok(quick.isDue(1500));
});
