import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputForTest, scoresOf, scraped } from '../input-for-test.ts';
import { inFlightScorer } from './in-flight-scorer.ts';

test('what runs, what waits and what was sent since the scrape count; without figures our own count does', () => {
  const input = inputForTest(3);
  scraped(input, 0, { running: 1, waiting: 1 });
  input.table.enter(0);
  input.table.enter(1);
  assert.deepEqual(scoresOf(inFlightScorer, input), [1 / 4, 1 / 2, 1]);
});

test('figures that are too old are not believed, and how old that is can be said', () => {
  const input = inputForTest(2);
  scraped(input, 0, { running: 3 }, 2500);
  assert.deepEqual(scoresOf(inFlightScorer, input), [1, 1]);
  assert.deepEqual(scoresOf(inFlightScorer, input, { metricsStalenessThresholdMs: 3000 }), [1 / 4, 1]);
});
