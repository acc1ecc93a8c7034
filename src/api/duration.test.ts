import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs } from './duration.ts';

test('durationMs reads what GEP-2257 allows', () => {
  const cases: [string, number | undefined][] = [
    ['0s', 0],
    ['10s', 10_000],
    ['100ms', 100],
    ['1h30m', 5_400_000],
    ['1h2m3s4ms', 3_723_004],
    ['1m500ms', 60_500],
    ['1.5s', undefined],
    ['10', undefined],
    ['', undefined],
    ['-1s', undefined],
    ['1d', undefined],
    ['1h1m1s1ms1h', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(durationMs(text), expected, text);
});
