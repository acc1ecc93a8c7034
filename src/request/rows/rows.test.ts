import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointTable, HealthTable } from '../../endpoints/index.ts';
import { SlotMap } from '../../kernel/index.ts';
import { LimitTable } from '../../limits/index.ts';

test('10,000 routes to Services with four endpoints each fit, each in a row of its own', () => {
  const slots = 131_072;
  const tables = [
    LimitTable.create({ workers: 5, slots }),
    EndpointTable.create(5, slots),
    HealthTable.create(slots),
  ];
  assert.ok(tables.every(({ shared }) => shared.slots === slots));
  const endpoints = new SlotMap(slots);
  const rows = new Set<number>();
  // An edit of all of them, while the rows of before rest.
  for (let edit = 0; edit < 3; edit++)
    for (let route = 0; route < 10_000; route++)
      for (let i = 0; i < 4; i++) rows.add(endpoints.slot(`${edit}/${route}#10.0.0.${i}:80`));
  assert.equal(rows.size, 120_000);
});
