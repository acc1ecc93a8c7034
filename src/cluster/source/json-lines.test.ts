import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonLines, LineTooLong } from './json-lines.ts';

test('any split of the bytes gives the same values', () => {
  const values = fc.array(fc.record({ type: fc.string({ unit: 'grapheme' }), object: fc.jsonValue() }));
  fc.assert(
    fc.property(values, fc.array(fc.nat(), { maxLength: 40 }), (given, cuts) => {
      // As JSON gives them back: -0 is 0 there.
      const expected: unknown = JSON.parse(JSON.stringify(given));
      const bytes = Buffer.from(given.map(value => `${JSON.stringify(value)}\n`).join(''));
      const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const lines = new JsonLines(1 << 20);
      const found = places.slice(1).flatMap((end, index) => lines.push(bytes.subarray(places[index], end)));
      assert.deepEqual(found, expected);
    }),
  );
});

test('what is cut within a line is no value', () => {
  const lines = new JsonLines(100);
  assert.deepEqual(lines.push(Buffer.from('{"a":1}\r\n\n{"b"')), [{ a: 1 }]);
});

test('a line has a limit, however it comes', () => {
  const lines = new JsonLines(10);
  assert.deepEqual(lines.push(Buffer.from('"12345678"\n"1234')), ['12345678']);
  assert.throws(() => lines.push(Buffer.from('5678901')), LineTooLong);
  assert.throws(() => new JsonLines(10).push(Buffer.from('{"a":"12345"}\n')), LineTooLong);
});

test('what is not JSON is an error', () => {
  assert.throws(() => new JsonLines(100).push(Buffer.from('<html>\n')), SyntaxError);
});
