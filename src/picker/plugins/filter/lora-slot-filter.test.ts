import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameHash } from '../../../endpoints/index.ts';
import { inputForTest, reasonsOf, scraped } from '../input-for-test.ts';
import { loraSlotFilter } from './lora-slot-filter.ts';

test('one whose slots are all at work for other adapters is taken away', () => {
  const input = inputForTest(3, { model: nameHash('sql') });
  scraped(input, 0, { runningAdapters: ['a', 'b'] });
  scraped(input, 1, { runningAdapters: ['a', 'sql'] });
  scraped(input, 2, { runningAdapters: ['a'] });
  assert.deepEqual(reasonsOf(loraSlotFilter, input), ['lora-slot-available', '', '']);
  assert.deepEqual(reasonsOf(loraSlotFilter, { ...input, model: nameHash('base') }), ['', '', '']);
});
