import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Range } from './range.ts';

test('addresses of a range', () => {
  const range = new Range((10 << 24) + (96 << 16) + 1024, 22);
  assert.equal(range.cidr, '10.96.4.0/22');
  assert.equal(range.at(257), '10.96.5.1');
  for (const [address, isIn] of [
    ['10.96.4.0', true],
    ['10.96.7.255', true],
    ['10.96.3.255', false],
    ['10.96.8.0', false],
    ['10.96.4', false],
    ['10.96.4.256', false],
    ['None', false],
  ] as const)
    assert.equal(range.includes(address), isIn, address);
  assert.equal(range.free(new Set(['10.96.4.1', '10.96.4.3'])), '10.96.4.2');
  const small = new Range(10 << 24, 30);
  assert.equal(small.free(new Set([small.at(1), small.at(2)])), undefined);
});
