import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClusterBreaker, DEFAULT_BREAKER, EndpointTable, HealthTable, nameHash } from '../endpoints/index.ts';
import { SlotMap } from '../kernel/index.ts';

const ROWS = 3;
const act = fc.record({
  kind: fc.constantFrom('add', 'remove', 'enter', 'enter-old', 'leave', 'die', 'foreign'),
  name: fc.nat(5),
  worker: fc.integer({ min: 1, max: 2 }),
  pick: fc.nat(20),
});

test('endpoints that come and go share rows and never counts: any interleaving ends at zero', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), acts => {
      const table = EndpointTable.create(3, ROWS);
      const workers = [1, 2].map(worker => EndpointTable.attach(table.shared, worker));
      const map = new SlotMap(ROWS);
      const wanted = new Set<string>();
      const slots = new Map<string, number>();
      /** All that there ever were: a request may hold one of an older plan. */
      const known: number[] = [];
      const held: number[][] = [[], []];
      const foreign = new Map<number, number>();
      const isNamed = (slot: number) => [...map.entries()].some(([, named]) => named === slot);
      for (const { kind, name: number, worker, pick } of acts) {
        const name = `pool#10.0.0.${number}:80`;
        const mine = held[worker - 1] as number[];
        const enter = (slot: number | undefined) => {
          if (slot === undefined) return;
          mine.push(slot);
          workers[worker - 1]?.enter(slot);
        };
        if (kind === 'add' && (map.get(name) !== undefined || [...map.entries()].length < ROWS)) {
          wanted.add(name);
          slots.set(name, map.slot(name));
          known.push(map.slot(name));
        } else if (kind === 'remove') {
          wanted.delete(name);
          map.retain(wanted, slot => table.retire(slot));
        } else if (kind === 'enter') enter(slots.get(name));
        else if (kind === 'enter-old') enter(known[pick % Math.max(1, known.length)]);
        else if (kind === 'leave') {
          const [slot] = mine.splice(pick % Math.max(1, mine.length), 1);
          if (slot !== undefined) workers[worker - 1]?.leave(slot);
        } else if (kind === 'die') {
          table.reclaim(worker);
          mine.length = 0;
        } else if (kind === 'foreign') {
          const slot = map.get(name);
          if (slot === undefined) continue;
          const change = (foreign.get(slot) ?? 0) > 0 ? -1 : 1;
          foreign.set(slot, (foreign.get(slot) ?? 0) + change);
          table.addForeign(slot, change);
        }
        for (const [, slot] of map.entries()) {
          const own = held.flat().filter(each => each === slot).length;
          assert.equal(table.inFlight(slot), own + (foreign.get(slot) ?? 0));
        }
      }
      for (const [index, mine] of held.entries()) for (const slot of mine) workers[index]?.leave(slot);
      for (const [slot, count] of foreign) if (isNamed(slot)) table.addForeign(slot, -count);
      for (let row = 0; row < ROWS; row++) assert.equal(table.inFlight(row), 0);
    }),
  );
});

test('what a request of an older plan learns of an endpoint that is gone is nobody else’s', () => {
  const table = EndpointTable.create(1, 1);
  const health = HealthTable.create(1);
  const map = new SlotMap(1);
  const gone = map.slot('gone');
  const breaker = new ClusterBreaker(health, [gone], { ...DEFAULT_BREAKER, maxEjectionPercent: 100 }, true);
  map.retain(new Set(), slot => table.retire(slot));
  health.retire(gone);
  const next = map.slot('next');
  assert.notEqual(next, gone);
  for (let i = 0; i < 10; i++) breaker.failed(0, true, 1);
  breaker.answered(0, 429, 1);
  assert.equal(health.state(next, 2), 'available');
  assert.equal(health.recentFailures.load(next, 2), 0);
  table.enter(gone);
  table.noteAbsent(gone, nameHash('model'), 1);
  assert.deepEqual([table.inFlight(next), table.isAbsent(next, nameHash('model'), 2)], [0, false]);
  table.enter(next);
  table.leave(gone);
  assert.equal(table.inFlight(next), 1);
  assert.equal(table.retire(next), false, 'what is in use keeps its row');
  table.leave(next);
  assert.ok(table.retire(next));
});
