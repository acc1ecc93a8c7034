import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LabelIndex } from './label-index.ts';
import { labelsInclude } from './label-selector.ts';

const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));

test('an index finds what a search through all finds, in their order', () => {
  fc.assert(
    fc.property(fc.array(labels), labels, (all, wanted) => {
      const items = all.map((each, index) => ({ each, index }));
      const index = new LabelIndex(items, item => item.each);
      assert.deepEqual(
        index.candidates(wanted).filter(item => labelsInclude(item.each, wanted)),
        items.filter(item => labelsInclude(item.each, wanted)),
      );
    }),
  );
});
