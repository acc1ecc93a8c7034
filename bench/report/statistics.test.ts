import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairedRatio, percentile, slope, spread } from './statistics.ts';

test('a spread has the median and both ends', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, lowest: 1, highest: 3 });
  assert.equal(spread([4, 1]).median, 2.5);
  assert.equal(spread([]).median, Number.NaN);
});

test('a percentile lies between the two values around its rank', () => {
  assert.equal(percentile([0, 10, 20], 0.75), 15);
  assert.equal(percentile([7], 0.99), 7);
});

test('a ratio is taken round by round, so that a slow round does not change it', () => {
  assert.equal(pairedRatio([20, 200, 22], [10, 100, 11]), 2);
  assert.equal(pairedRatio([20, 30], [10]), 2);
});

test('a slope is that of the line through the middle of the points', () => {
  const rising = slope([
    [0, 1],
    [1, 3],
    [2, 5],
  ]);
  assert.equal(rising, 2);
  const flat = slope([
    [0, 1],
    [5, 2],
    [10, 1],
  ]);
  assert.equal(flat, 0);
});
