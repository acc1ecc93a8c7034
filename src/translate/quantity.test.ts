import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityBytes } from './quantity.ts';

test('quantityBytes', () => {
  const cases: [string | number, number | undefined][] = [
    [1024, 1024],
    ['1024', 1024],
    ['10Mi', 10 * 1024 * 1024],
    ['500k', 500_000],
    ['500Ki', 512_000],
    ['1.5Ki', 1536],
    ['1Gi', 1024 ** 3],
    ['0.1', undefined],
    ['10mb', undefined],
    ['', undefined],
    [1.5, undefined],
  ];
  for (const [quantity, expected] of cases) assert.equal(quantityBytes(quantity), expected, String(quantity));
});
