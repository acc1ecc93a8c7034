import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputForTest, reasonsOf } from '../input-for-test.ts';
import { alreadyTriedFilter } from './already-tried-filter.ts';

test('those that the request failed at before are taken away, if they are candidates still', () => {
  const input = inputForTest(3, { tried: [1, 7] });
  assert.deepEqual(reasonsOf(alreadyTriedFilter, input), ['', 'already-tried', '']);
});
