import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameHash } from '../../../endpoints/index.ts';
import { inputForTest, scoresOf, scraped } from '../input-for-test.ts';
import { loraAffinityScorer } from './lora-affinity-scorer.ts';

test('an adapter that is loaded is best, then one that there is room for, then one that waits', () => {
  const input = inputForTest(5, { model: nameHash('sql') });
  scraped(input, 0, { runningAdapters: ['sql'] });
  scraped(input, 1, {});
  scraped(input, 2, { waitingAdapters: ['sql'] });
  scraped(input, 3, { runningAdapters: ['a', 'b'] });
  scraped(input, 4, {});
  input.table.noteAdapter(4, nameHash('a'));
  input.table.noteAdapter(4, nameHash('b'));
  assert.deepEqual(scoresOf(loraAffinityScorer, input), [1, 0.8, 0.6, 0, 0.7]);
});

test('for the base model, and where no model is known, all are alike', () => {
  for (const model of [nameHash('base'), 0]) {
    const input = inputForTest(2, { model });
    scraped(input, 0, { runningAdapters: ['a', 'b'] });
    scraped(input, 1, {});
    assert.deepEqual(scoresOf(loraAffinityScorer, input), [1, 1]);
  }
});
