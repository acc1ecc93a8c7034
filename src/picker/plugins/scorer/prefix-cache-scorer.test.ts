import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedFor } from '../../asked-for-test.ts';
import { inputForTest, scoresOf } from '../input-for-test.ts';
import { prefixCacheScorer } from './prefix-cache-scorer.ts';

test('the score is the share of the blocks from the first on that the endpoint has served', () => {
  const input = inputForTest(3);
  const { blocks, prefixes } = input;
  blocks.read(askedFor({ prompt: 'a'.repeat(64) + 'b'.repeat(64) + 'c'.repeat(128) }).prompt, 0);
  assert.equal(blocks.count, 4);
  prefixes.add(blocks.hashes, 4, 0, 1);
  prefixes.add(blocks.hashes, 1, 1, 1);
  // All but the first: nothing of a prefix.
  prefixes.add(blocks.hashes.slice(1), 3, 2, 1);
  assert.deepEqual(scoresOf(prefixCacheScorer, input), [1, 1 / 4, 0]);
  assert.deepEqual(scoresOf(prefixCacheScorer, input, { maxPrefixBlocksToMatch: 2 }), [1, 1 / 2, 0]);
});

test('a request without a prompt finds nothing', () => {
  assert.deepEqual(scoresOf(prefixCacheScorer, inputForTest(2)), [0, 0]);
});
