import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stableJson } from './stable-json.ts';

test('stableJson does not depend on the order of keys and loses nothing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter(key => key !== '__proto__'),
        fc.jsonValue(),
      ),
      object => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        assert.equal(stableJson(reversed), stableJson(object));
        assert.deepEqual(JSON.parse(stableJson(object)), JSON.parse(JSON.stringify(object)));
      },
    ),
  );
});

test('texts and numbers are as JSON.stringify writes them; what is undefined is not there', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean()), value =>
      assert.equal(stableJson(value), JSON.stringify(value)),
    ),
  );
  assert.equal(
    stableJson({ b: undefined, a: [null, { d: 1, c: 'x"y' }] }),
    '{"a":[null,{"c":"x\\"y","d":1}]}',
  );
});
