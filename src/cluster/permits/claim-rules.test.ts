import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFree, isHeld } from './claim-rules.ts';
import { lease, POOL, run } from './claims-for-test.ts';
import { LeaseView } from './lease-view.ts';
import { REPLICA_TIMES } from './permit-names.ts';

const { leaseDurationMs } = REPLICA_TIMES;

test('whoever deletes the Lease of a pool, how often and how late watches show it: never do two hold it', () => {
  let share = 0;
  let claims = 0;
  const runs = 40;
  fc.assert(
    fc.property(fc.integer(), seed => {
      const result = run(seed, 60_000);
      share += result.share / runs;
      claims += result.claims;
      assert.equal(result.twice, 0);
    }),
    // A Lease is deleted, and then what another made after it; one is made and deleted before a watch shows either.
    { numRuns: runs, examples: [[2_110_484_852], [-2_147_483_646]] },
  );
  assert.ok(claims > runs * 3, `${claims} claims`);
  assert.ok(share > 0.5, `held for ${share} of the time`);
});

test('the second deletion of a Lease is waited out as long as the first', () => {
  let nowMs = 0;
  const view = new LeaseView(leaseDurationMs, () => nowMs);
  view.beginList();
  view.endList();
  const free = () =>
    isFree(view.pools.get(POOL), view.absence(POOL), () => false, 'us', nowMs, leaseDurationMs);
  for (let time = 0; time < 3; time++) {
    nowMs += 10_000;
    view.put(lease(POOL, 'them', time * 2 + 1));
    nowMs += 10_000;
    view.delete(lease(POOL, 'them', time * 2 + 2));
    assert.equal(free(), false);
    nowMs += leaseDurationMs - 1;
    assert.equal(free(), false);
    nowMs += 1;
    assert.equal(free(), true);
  }
});

test('who makes a Lease holds it once the watch has shown it, and until it shows that it is gone', () => {
  const { view, held, at } = viewOfUs();
  assert.equal(held(), false, 'the watch lags behind');
  at(20);
  view.put(lease(POOL, 'us', 1));
  assert.equal(held(), true);
  at(20);
  view.delete(lease(POOL, 'us', 2));
  assert.equal(held(), false);
  view.put(lease(POOL, 'us', 3));
  assert.equal(held(), true, 'nobody else has had it');
  view.delete(lease(POOL, 'us', 4));
  view.put(lease(POOL, 'them', 5));
  view.delete(lease(POOL, 'them', 6));
  assert.equal(held(), false, 'what another made is gone too');
});

test('who makes a Lease that another had made and lost meanwhile waits until that one does not grant any more', () => {
  const { view, held, at } = viewOfUs();
  view.put(lease(POOL, 'them', 1));
  view.delete(lease(POOL, 'them', 2));
  view.put(lease(POOL, 'us', 3));
  at(leaseDurationMs - 1);
  assert.equal(held(), false);
  view.delete(lease(POOL, 'us', 4));
  view.put(lease(POOL, 'us', 5));
  assert.equal(held(), false, 'a deletion of ours shortens nothing');
  at(1);
  assert.equal(held(), true);
});

test('who takes over a Lease that was there holds it before the watch shows that', () => {
  const { view, held, at } = viewOfUs('1');
  view.put(lease(POOL, 'them', 1));
  assert.equal(held(), true);
  assert.equal(held(10_011_000), false, 'the watch has shown what came later, and not this');
  at(20);
  view.put(lease(POOL, 'us', 2));
  assert.equal(held(), true);
});

/** The view of one who has written its Lease, whose watch began long before. */
function viewOfUs(basis?: string) {
  let nowMs = 10_000;
  const view = new LeaseView(leaseDurationMs, () => nowMs);
  view.beginList();
  view.endList();
  nowMs += 10_000;
  const claimed = { basis, sentAtMs: nowMs, answeredAtMs: nowMs };
  return {
    view,
    at: (ms: number) => {
      nowMs += ms;
    },
    held: (freshAtMs = 9_000) =>
      isHeld(claimed, view.pools.get(POOL), { token: 'us', freshAtMs, nowMs, leaseDurationMs }),
  };
}

test('who starts after a deletion, or has listed anew, waits as well: a holder may not know yet', () => {
  let nowMs = 10_000;
  const view = new LeaseView(leaseDurationMs, () => nowMs);
  const free = () => isFree(undefined, view.absence(POOL), () => false, 'us', nowMs, leaseDurationMs);
  view.beginList();
  view.endList();
  assert.equal(free(), false);
  nowMs += leaseDurationMs;
  assert.equal(free(), true);
  view.beginList();
  view.endList();
  assert.equal(free(), false);
});
