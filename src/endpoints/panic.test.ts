import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panics } from './panic.ts';

test('fewer healthy ones than the threshold: nobody is looked at', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map(healthy => panics(healthy, 4, 50)),
    [true, true, false, false],
  );
  assert.equal(panics(1, 3, 50), true);
  assert.equal(panics(2, 3, 50), false);
});

test('a threshold of 0 is none, also where nobody is healthy', () => {
  assert.equal(panics(0, 3, 0), false);
});

test('where five of seven are healthy they carry everything, whatever the threshold', () => {
  assert.deepEqual([panics(5, 7, 100), panics(4, 7, 100)], [false, true]);
  assert.deepEqual([panics(3, 4, 100), panics(2, 3, 100), panics(4, 4, 100)], [false, true, false]);
});
