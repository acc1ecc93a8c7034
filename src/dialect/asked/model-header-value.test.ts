import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { modelHeaderValue } from './model-header-value.ts';

test('a model stands in a header as it is, where both planes can send it', () => {
  for (const model of ['m', 'org/small', 'a model', '~!"#$%&()*+,-./:;<=>?@[]^_{|}'])
    assert.equal(modelHeaderValue(model), model);
});

test('no model, one that may have been cut, or that a header cannot hold, is not said', () => {
  for (const model of ['', ' m', 'm ', 'a\r\nb: c', 'a\0', 'é', 'a\tb', 'x'.repeat(1024)])
    assert.equal(modelHeaderValue(model), undefined);
});

test('what is said never ends its line', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), model =>
      assert.doesNotMatch(modelHeaderValue(model) ?? '', /[^\x20-\x7e]|^ | $/),
    ),
  ));
