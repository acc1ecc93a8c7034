import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILTERS } from './list.ts';
import { profileOf, REMOVED_BY } from './profile.ts';

test('by default there are all that have a weight, in the order of the list', () => {
  const { scorers, weights, filters, needs } = profileOf();
  assert.deepEqual(scorers, [
    'queue-scorer',
    'kv-cache-utilization-scorer',
    'lora-affinity-scorer',
    'in-flight-scorer',
    'prefix-cache-scorer',
  ]);
  assert.deepEqual([...weights], [2, 2, 2, 2, 3]);
  assert.equal(filters.length, FILTERS.length);
  assert.deepEqual([...needs].sort(), ['model', 'prompt']);
});

test('what a pool names takes the place of the defaults; without weight nothing is read for its sake', () => {
  const { weights, needs } = profileOf([
    { name: 'lora-affinity-scorer', weight: 0 },
    { name: 'prefix-cache-scorer', weight: 0 },
    { name: 'queue-scorer', weight: 0.5 },
    { name: 'in-flight-scorer', parameters: { metricsStalenessThresholdMs: 500 } },
  ]);
  assert.deepEqual([...weights], [0.5, 2, 0, 2, 0]);
  assert.equal(needs.size, 0);
});

test('each reason has a number of its own, and none is 0', () => {
  const { filters } = profileOf();
  assert.equal(REMOVED_BY[0], '');
  assert.deepEqual(
    filters.flatMap(({ firstReason, lastReason }) => REMOVED_BY.slice(firstReason, lastReason + 1)),
    REMOVED_BY.slice(1),
  );
});
