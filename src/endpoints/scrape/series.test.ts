import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSeries } from './series.ts';

const read = (text: string, ...wanted: string[]) => readSeries(Buffer.from(text), 0, wanted);

test('values as Go reads them; a time stamp and any line end may follow', () => {
  const values: [string, number][] = [
    [' 4', 4],
    [' 4.0\n', 4],
    ['\t 1.7955110028864832e+09 \n', 1795511002.8864832],
    ['{} 3.9e-3 1795511002886\r\n', 0.0039],
    [' +Inf', Number.POSITIVE_INFINITY],
    [' -inf\r\n', Number.NEGATIVE_INFINITY],
    [' NaN', Number.NaN],
    [' nonsense', Number.NaN],
  ];
  for (const [text, value] of values)
    assert.deepEqual(read(text), { value, labels: [] }, JSON.stringify(text));
});

test('what is malformed or cut is no series', () => {
  const cut = [
    '',
    ' ',
    '_total 1',
    '{',
    '{a',
    '{a=',
    '{a="',
    '{a="b',
    '{a="b"',
    '{a="b"}',
    '{a="b"} ',
    '{a="b\\',
  ];
  for (const text of [...cut, '{a="b\n"} 1', '{a=b} 1', '{="b"} 1', '{a:"b"} 1', '\n1', '{a="b"}\n1']) {
    assert.equal(read(text, 'a'), undefined, JSON.stringify(text));
  }
});

test('labels in any order, spaced and escaped; those that are not there are empty', () => {
  assert.deepEqual(read('{b="x" , a = "a\\\\\\"\\n,b=\\"y\\"}\\t" ,} 1', 'a', 'b', 'c')?.labels, [
    'a\\"\n,b="y"}\\t',
    'x',
    '',
  ]);
});

test('any label value comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.double(),
      (a, b, value) => {
        const quoted = (text: string) =>
          text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
        const series = read(`{a="${quoted(a)}",b="${quoted(b)}"} ${value}`, 'b', 'a');
        assert.deepEqual(series, {
          value: Object.is(value, -0) ? 0 : value,
          labels: [b.toWellFormed(), a.toWellFormed()],
        });
      },
    ),
  );
});
