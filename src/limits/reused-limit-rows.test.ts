import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SlotMap } from '../kernel/index.ts';
import { DEFAULT_THRESHOLDS } from '../plan/index.ts';
import { ACTIVE, LimitTable } from './limit-table.ts';
import { Limits, Permit, type ScopeHandle } from './limits.ts';

const ROWS = 3;
const thresholds = { ...DEFAULT_THRESHOLDS, maxParallelRequests: 2 };

const act = fc.record({
  kind: fc.constantFrom('add', 'remove', 'acquire', 'acquire-old', 'release', 'die'),
  name: fc.nat(5),
  worker: fc.integer({ min: 1, max: 2 }),
  pick: fc.nat(20),
});

test('scopes that come and go share rows and never counts: any interleaving ends at zero', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), acts => {
      const table = LimitTable.create({ workers: 3, slots: ROWS });
      const workers = [1, 2].map(worker => new Limits(LimitTable.attach(table.shared, worker)));
      const map = new SlotMap(ROWS);
      const wanted = new Set<string>();
      /** All that there ever were: a request may hold one of an older plan. */
      const handles: ScopeHandle[] = [];
      const held: Permit[][] = [[], []];
      const usedBy = (slot: number) => held.flat().filter(({ scope }) => scope.slot === slot).length;
      for (const { kind, name: number, worker, pick } of acts) {
        const name = `scope-${number}`;
        const mine = held[worker - 1] as Permit[];
        const acquire = (handle: ScopeHandle | undefined) => {
          const got = handle && (workers[worker - 1] as Limits).acquire(handle, undefined, 0);
          if (got instanceof Permit) mine.push(got);
        };
        if (kind === 'add' && (map.get(name) !== undefined || [...map.entries()].length < ROWS)) {
          wanted.add(name);
          handles.push({ name, slot: map.slot(name), thresholds });
        } else if (kind === 'remove') {
          wanted.delete(name);
          map.retain(wanted, slot => table.retire(slot));
        } else if (kind === 'acquire') acquire(handles.findLast(each => each.name === name));
        else if (kind === 'acquire-old') acquire(handles[pick % Math.max(1, handles.length)]);
        else if (kind === 'release') mine.splice(pick % Math.max(1, mine.length), 1)[0]?.release(0);
        else if (kind === 'die') {
          table.reclaim(worker);
          mine.length = 0;
        }
        for (const [, slot] of map.entries()) assert.equal(table.inUse(slot, ACTIVE), usedBy(slot));
      }
      for (const permit of held.flat()) permit.release(0);
      for (let row = 0; row < ROWS; row++) assert.ok(table.atRest(row));
    }),
  );
});

test('a request that began in a scope that is gone is refused, and its refusal is nobody else’s', () => {
  const table = LimitTable.create({ workers: 1, slots: 1 });
  const limits = new Limits(table);
  const map = new SlotMap(1);
  const gone: ScopeHandle = { name: 'gone', slot: map.slot('gone'), thresholds };
  map.retain(new Set(), slot => table.retire(slot));
  const next: ScopeHandle = { name: 'next', slot: map.slot('next'), thresholds };
  assert.notEqual(next.slot, gone.slot);
  assert.ok(!(limits.acquire(gone, undefined, 0) instanceof Permit));
  const permit = limits.acquire(next, undefined, 0);
  assert.ok(permit instanceof Permit);
  table.give(gone.slot, ACTIVE);
  assert.equal(table.inUse(next.slot, ACTIVE), 1);
  assert.equal(table.refused(next.slot, ACTIVE), 0);
  assert.equal(table.retire(next.slot), false, 'what is in use keeps its row');
  permit.release(0);
});

test('refusals are counted beyond 31 and 32 bits', () => {
  const table = LimitTable.create({ workers: 1, slots: 1 });
  const rows = new Int32Array(table.shared.buffer);
  const refusals = 4;
  for (const [before, after] of [
    [2 ** 31 - 1, 2 ** 31],
    [-1, 2 ** 32],
  ] as const) {
    rows[refusals] = before;
    table.countRefusal(0, ACTIVE);
    assert.equal(table.refused(0, ACTIVE), after);
  }
  table.countRefusal(0, ACTIVE);
  assert.equal(table.refused(0, ACTIVE), 2 ** 32 + 1);
});
