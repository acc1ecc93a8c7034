import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointTable } from '../../endpoints/index.ts';
import { monotonicMs } from '../../kernel/index.ts';
import type { HeldPool, PoolOwners } from '../../plane/index.ts';
import { LeasedOwnership } from './pool-ownership.ts';

const figures = (running: number) => ({
  running,
  waiting: 0,
  kvCacheUsage: 0,
  modelName: 'm',
  runningAdapters: [],
  waitingAdapters: [],
  maxAdapters: 0,
});

/** A hold that begins now, by the tables' clock too. */
const begin = () => [{ sinceMs: monotonicMs() }, monotonicMs()] as const;

function scene(limited = true) {
  const table = EndpointTable.create(1, 4);
  let held: HeldPool | undefined;
  const owners: PoolOwners = { ownerOf: () => undefined, held: () => held, onChange: () => () => {} };
  const ownership = new LeasedOwnership(owners, 'ns/p', table, Int32Array.of(0, 1), limited, 10_000);
  return {
    table,
    ownership,
    set: (to: HeldPool | undefined) => {
      held = to;
    },
  };
}

test('who does not hold the pool grants nothing; who comes to hold it first hears from every model server', () => {
  const { table, ownership, set } = scene();
  const [held, nowMs] = begin();
  table.setFigures(0, figures(1), { inFlight: 0, atMs: nowMs - 50 }, nowMs - 50);
  table.setFigures(1, figures(1), { inFlight: 0, atMs: nowMs - 50 }, nowMs - 50);
  assert.equal(ownership.grants(nowMs), false);
  set(held);
  assert.equal(ownership.grants(nowMs + 5), false, 'what is known is older than the hold');
  table.setFigures(0, figures(2), { inFlight: 0, atMs: nowMs + 10 }, nowMs + 10);
  assert.equal(ownership.grants(nowMs + 10), false);
  table.setFigures(1, figures(1), { inFlight: 0, atMs: nowMs + 20 }, nowMs + 20);
  assert.equal(ownership.grants(nowMs + 20), true);
  assert.equal(ownership.foreign(nowMs + 20), 3);
  set(undefined);
  assert.equal(ownership.grants(nowMs + 30), false);
});

test('a model server that says nothing holds up the others for two seconds', () => {
  const { ownership, set } = scene();
  const [held, nowMs] = begin();
  set(held);
  assert.equal(ownership.grants(nowMs + 1990), false);
  assert.equal(ownership.grants(nowMs + 2100), true);
});

test('a pool that no policy limits needs no permit: it is picked for whoever holds them, until a limit is set', () => {
  const { ownership, set } = scene(false);
  const [held, nowMs] = begin();
  assert.equal(ownership.grants(nowMs), true, 'nobody holds it');
  set(held);
  assert.equal(ownership.grants(nowMs + 5), true, 'no model server was heard of since');
  set(undefined);
  assert.equal(ownership.grants(nowMs + 10), true);
  ownership.pool(Int32Array.of(0, 1), true);
  assert.equal(ownership.grants(nowMs + 20), false);
});

test('each time that the pool comes back, what is in flight is counted anew', () => {
  const { table, ownership, set } = scene();
  const [first, nowMs] = begin();
  set(first);
  ownership.grants(nowMs);
  for (const slot of [0, 1])
    table.setFigures(slot, figures(0), { inFlight: 0, atMs: nowMs + 10 }, nowMs + 10);
  assert.equal(ownership.grants(nowMs + 10), true);
  assert.equal(ownership.foreign(nowMs + 10), 0);
  set(undefined);
  ownership.grants(nowMs + 20);
  set({ sinceMs: first.sinceMs + 100 });
  assert.equal(ownership.grants(nowMs + 110), false);
  for (const slot of [0, 1])
    table.setFigures(slot, figures(2), { inFlight: 0, atMs: nowMs + 120 }, nowMs + 120);
  assert.equal(ownership.grants(nowMs + 120), true);
  assert.equal(ownership.foreign(nowMs + 120), 4);
});
