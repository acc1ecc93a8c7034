import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasMoreValuesThan } from './json-text.ts';

test('values are counted, not what is in strings', () => {
  const list = (item: string, count: number) => `[${Array(count).fill(item).join(',')}]`;
  assert.equal(hasMoreValuesThan(list('0', 1000), 900), true);
  assert.equal(hasMoreValuesThan(list('0', 1000), 1000), false);
  assert.equal(hasMoreValuesThan(list('{}', 1000), 1900), true);
  assert.equal(hasMoreValuesThan(JSON.stringify({ prompt: ',[{\\",'.repeat(1000) }), 10), false);
  assert.equal(hasMoreValuesThan(`["${'a'.repeat(100)}`, 10), false, 'a string that does not end');
});
