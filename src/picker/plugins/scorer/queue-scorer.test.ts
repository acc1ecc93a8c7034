import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputForTest, scoresOf, scraped } from '../input-for-test.ts';
import { queueScorer } from './queue-scorer.ts';

test('the shorter a queue, the better; an unknown one counts as none', () => {
  const input = inputForTest(3);
  scraped(input, 0, { waiting: 3 });
  scraped(input, 1, { waiting: 1 });
  assert.deepEqual(scoresOf(queueScorer, input), [1 / 4, 1 / 2, 1]);
});

test('the least loaded of those that are left gets 1', () => {
  const input = inputForTest(3, { removed: Uint8Array.of(0, 0, 1) });
  scraped(input, 0, { waiting: 3 });
  scraped(input, 1, { waiting: 1 });
  assert.deepEqual(scoresOf(queueScorer, input), [1 / 2, 1, 1]);
});

test('for each request that has ended since the scrape, one that waited has begun', () => {
  const input = inputForTest(2);
  for (let i = 0; i < 5; i++) input.table.enter(0);
  scraped(input, 0, { waiting: 4 });
  for (let i = 0; i < 3; i++) input.table.leave(0);
  assert.deepEqual(scoresOf(queueScorer, input), [1 / 2, 1]);
});

test('figures that are too old are not believed, and how old that is can be said', () => {
  const input = inputForTest(2);
  scraped(input, 0, { waiting: 3 }, 2500);
  assert.deepEqual(scoresOf(queueScorer, input), [1, 1]);
  assert.deepEqual(scoresOf(queueScorer, input, { metricsStalenessThresholdMs: 3000 }), [1 / 4, 1]);
});
