import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recurringText } from './recurring-text.ts';

test('a name is what JSON.parse says, however often it comes and whatever came before', () => {
  const name = fc.oneof(
    fc.constantFrom(
      '/model/llama2',
      '/model/llama3',
      '',
      'a'.repeat(64),
      'a'.repeat(65),
      'é',
      '\\',
      '\u0080',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.string({ unit: fc.constantFrom('\\', '"', 'n', '\n'), maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 300 }), values => {
      for (const value of values) {
        const text = Buffer.from(`x${JSON.stringify(value)}y`);
        const read = recurringText(text, 1, text.length - 1, 1024);
        assert.equal(read, JSON.parse(text.subarray(1, -1).toString()));
      }
    }),
  );
});

test('a name that is too long is cut', () => {
  const text = Buffer.from('"abcdef"');
  assert.equal(recurringText(text, 0, text.length, 3), 'abc');
});
