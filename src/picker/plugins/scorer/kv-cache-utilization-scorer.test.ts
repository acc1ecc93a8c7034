import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputForTest, scoresOf, scraped } from '../input-for-test.ts';
import { kvCacheUtilizationScorer } from './kv-cache-utilization-scorer.ts';

test('the score is the share that is free; what nobody knows scores in the middle, or as is said', () => {
  const input = inputForTest(4);
  scraped(input, 0, { kvCacheUsage: 0.25 });
  scraped(input, 1, { kvCacheUsage: Number.NaN });
  scraped(input, 2, { kvCacheUsage: 0.25 }, 2500);
  assert.deepEqual(scoresOf(kvCacheUtilizationScorer, input), [0.75, 0.5, 0.5, 0.5]);
  assert.deepEqual(scoresOf(kvCacheUtilizationScorer, input, { unknownScore: 0.2 }), [0.75, 0.2, 0.2, 0.2]);
  const patient = { metricsStalenessThresholdMs: 3000 };
  assert.deepEqual(scoresOf(kvCacheUtilizationScorer, input, patient), [0.75, 0.5, 0.75, 0.5]);
});
