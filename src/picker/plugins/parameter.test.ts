import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberParameter, parameterProblems, valuesOf } from './parameter.ts';

const PARAMETERS = {
  share: numberParameter({ default: 0.5, unit: '0..1', min: 0, max: 1, meaning: 'a share' }),
  blocks: numberParameter({ default: 8, unit: 'blocks', min: 1, max: 9, whole: true, meaning: 'how many' }),
};

test('what is not given has its default', () => {
  assert.deepEqual(valuesOf(PARAMETERS, { share: 0 }), { share: 0, blocks: 8 });
  assert.deepEqual(valuesOf(PARAMETERS), { share: 0.5, blocks: 8 });
});

test('values within the bounds are right', () => {
  for (const given of [{}, { share: 0 }, { share: 1 }, { blocks: 9 }])
    assert.deepEqual(parameterProblems('p', PARAMETERS, given), []);
});

test('a value that cannot be and a name that is not known are said, with what is expected', () => {
  for (const [given, message] of [
    [{ share: 1.1 }, 'p: expected a number from 0 to 1 as share, got 1.1'],
    [{ share: Number.NaN }, 'p: expected a number from 0 to 1 as share, got null'],
    [{ blocks: 1.5 }, 'p: expected a whole number from 1 to 9 as blocks, got 1.5'],
    [{ blocks: '2' }, 'p: expected a whole number from 1 to 9 as blocks, got "2"'],
    [{ toString: 2 }, 'p has no parameter "toString"; it has share, blocks'],
  ] as const)
    assert.deepEqual(
      parameterProblems('p', PARAMETERS, given).map(problem => problem.message),
      [message],
    );
  assert.match(
    parameterProblems('p', {}, { a: 1 })[0]?.message ?? '',
    /^p has no parameter "a"; it has none$/,
  );
});
