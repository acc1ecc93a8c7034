import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { sameJson } from './same-json.ts';

test('as deep equality says of JSON, also of values that differ in one place', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, json, (a, b) => {
      const [left, right] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))];
      assert.equal(sameJson(left, right), isDeepStrictEqual(left, right));
      assert.equal(sameJson(left, structuredClone(left)), true);
      assert.equal(sameJson({ x: [left] }, { x: [left, 1] }), false);
      assert.equal(sameJson({ x: left }, { x: left, y: right }), false);
      assert.equal(sameJson({ x: left, y: undefined }, { x: left }), true);
    }),
  );
});

test('lists and objects are not the same', () => {
  assert.equal(sameJson([], {}), false);
  assert.equal(sameJson({ 0: 'a' }, ['a']), false);
  assert.equal(sameJson(null, {}), false);
});
