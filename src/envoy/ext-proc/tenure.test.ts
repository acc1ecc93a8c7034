import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointTable } from '../../endpoints/index.ts';
import { monotonicMs } from '../../kernel/index.ts';
import type { PoolHold, PoolHolders } from '../../plane/index.ts';
import { HeldTenure } from './tenure.ts';

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
const begin = () => [{ sinceMs: performance.now() }, monotonicMs()] as const;

function scene() {
  const table = EndpointTable.create(1, 4);
  let hold: PoolHold | undefined;
  const holders: PoolHolders = { holderOf: () => undefined, held: () => hold, onChange: () => () => {} };
  const tenure = new HeldTenure(holders, 'ns/p', table, Int32Array.of(0, 1), 10_000);
  return {
    table,
    tenure,
    set: (to: PoolHold | undefined) => {
      hold = to;
    },
  };
}

test('who does not hold the pool grants nothing; who comes to hold it first hears from every model server', () => {
  const { table, tenure, set } = scene();
  const [hold, nowMs] = begin();
  table.setFigures(0, figures(1), { inFlight: 0, atMs: nowMs - 50 }, nowMs - 50);
  table.setFigures(1, figures(1), { inFlight: 0, atMs: nowMs - 50 }, nowMs - 50);
  assert.equal(tenure.grants(nowMs), false);
  set(hold);
  assert.equal(tenure.grants(nowMs + 5), false, 'what is known is older than the hold');
  table.setFigures(0, figures(2), { inFlight: 0, atMs: nowMs + 10 }, nowMs + 10);
  assert.equal(tenure.grants(nowMs + 10), false);
  table.setFigures(1, figures(1), { inFlight: 0, atMs: nowMs + 20 }, nowMs + 20);
  assert.equal(tenure.grants(nowMs + 20), true);
  assert.equal(tenure.foreign(nowMs + 20), 3);
  set(undefined);
  assert.equal(tenure.grants(nowMs + 30), false);
});

test('a model server that says nothing holds up the others for two seconds', () => {
  const { tenure, set } = scene();
  const [hold, nowMs] = begin();
  set(hold);
  assert.equal(tenure.grants(nowMs + 1990), false);
  assert.equal(tenure.grants(nowMs + 2100), true);
});

test('each time that the pool comes back, what is in flight is counted anew', () => {
  const { table, tenure, set } = scene();
  const [first, nowMs] = begin();
  set(first);
  tenure.grants(nowMs);
  for (const slot of [0, 1])
    table.setFigures(slot, figures(0), { inFlight: 0, atMs: nowMs + 10 }, nowMs + 10);
  assert.equal(tenure.grants(nowMs + 10), true);
  assert.equal(tenure.foreign(nowMs + 10), 0);
  set(undefined);
  tenure.grants(nowMs + 20);
  set({ sinceMs: first.sinceMs + 100 });
  assert.equal(tenure.grants(nowMs + 110), false);
  for (const slot of [0, 1])
    table.setFigures(slot, figures(2), { inFlight: 0, atMs: nowMs + 120 }, nowMs + 120);
  assert.equal(tenure.grants(nowMs + 120), true);
  assert.equal(tenure.foreign(nowMs + 120), 4);
});
