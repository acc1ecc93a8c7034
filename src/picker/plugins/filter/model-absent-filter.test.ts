import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameHash } from '../../../endpoints/index.ts';
import { inputForTest, reasonsOf } from '../input-for-test.ts';
import { modelAbsentFilter } from './model-absent-filter.ts';

test('one that said that it lacks the model is taken away for that model, until it is over', () => {
  const input = inputForTest(2, { model: nameHash('sql') });
  input.table.noteAbsent(0, nameHash('sql'), input.tick);
  assert.deepEqual(reasonsOf(modelAbsentFilter, input), ['model-absent', '']);
  assert.deepEqual(reasonsOf(modelAbsentFilter, { ...input, tick: input.tick + 30 }), ['', '']);
  for (const model of [nameHash('other'), 0])
    assert.deepEqual(reasonsOf(modelAbsentFilter, { ...input, model }), ['', '']);
});
