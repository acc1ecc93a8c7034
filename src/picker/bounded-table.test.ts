import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedTable } from './bounded-table.ts';

test('what was used longest ago makes room, and other sets are not touched', () => {
  const table = BoundedTable.create(8);
  // Even tags share one set of four, odd ones the other.
  for (const [tick, tag] of [2, 4, 6, 8].entries()) table.use(tag, tick + 1);
  table.use(1, 1);
  table.use(2, 9);
  table.use(10, 10);
  assert.deepEqual(
    [1, 2, 4, 6, 8, 10].map(tag => table.find(tag) !== -1),
    [true, true, false, true, true, true],
  );
});

test('columns are kept at the place of an entry, and whoever attaches sees them', () => {
  const table = BoundedTable.create(8, 2);
  const at = table.use(-5, 1);
  table.column(1)[at] = 7;
  const other = new BoundedTable(table.shared);
  assert.equal(other.column(1)[other.find(-5)], 7);
  assert.equal(other.column(0)[other.find(-5)], 0);
});
