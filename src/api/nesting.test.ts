import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooDeep, MAX_LEVELS } from './nesting.ts';
import { parseObject } from './parse-object.ts';

function nested(levels: number): unknown {
  return JSON.parse(`${'{"a":['.repeat(levels / 2)}1${']}'.repeat(levels / 2)}`);
}

test('200 levels are not too deep, 202 are, and 100,000 end no stack', () => {
  assert.equal(isTooDeep(nested(MAX_LEVELS)), false);
  assert.equal(isTooDeep(nested(MAX_LEVELS + 2)), true);
  assert.equal(isTooDeep(nested(100_000)), true);
});

test('an object that is 50,000 deep is one with an error, wherever it is deep', () => {
  const deep = nested(50_000);
  for (const part of [
    { metadata: { name: 'a', labels: deep } },
    { apiVersion: deep },
    { data: deep },
    { zz: deep },
  ]) {
    const { object, errors } = parseObject({ apiVersion: 'v1', kind: 'ConfigMap', ...part });
    assert.equal(object, undefined);
    assert.match(errors[0]?.message ?? '', /nested too deep: expected at most 200 levels/);
  }
});
