import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterBreaker, DEFAULT_BREAKER, EndpointTable, HealthTable } from '../endpoints/index.ts';
import { seededRandom } from '../kernel/index.ts';
import type { Pool } from '../plan/index.ts';
import { Picker } from './picker.ts';
import { poolRows } from './pool-rows.ts';
import { PrefixTable } from './prefix-table.ts';

const COUNT = 4;
const FAST_MS = 5;

/** One that ends at `atMs`. */
interface Going {
  readonly atMs: number;
  readonly slot: number;
  readonly status: number;
}

/**
 * Clients that ask again as soon as they have an answer, for a while, on a clock of its own.
 * @param bad what the first endpoint answers, at once; undefined: it is as good as the others
 * @returns share of the requests that the first endpoint got
 */
function shareOfFirst(clients: number, goodMs: number, bad: number | undefined, scraped: boolean): number {
  const endpoints = EndpointTable.create(1, COUNT);
  const health = HealthTable.create(COUNT);
  const picker = new Picker({ endpoints, health, prefixes: PrefixTable.create(16), random: seededRandom(3) });
  const pool = {
    endpoints: Array.from({ length: COUNT }, (_, i) => ({ id: `${i}` })),
    failureMode: 'FailClose',
  } as unknown as Pool;
  const rows = poolRows(
    pool,
    Int32Array.from({ length: COUNT }, (_, i) => i),
  );
  const breaker = new ClusterBreaker(health, rows.slots, DEFAULT_BREAKER, true);
  const random = seededRandom(5);
  const going: Going[] = [];
  const got = [0, 0, 0, 0];
  let nowMs = 1;
  const ask = () => {
    const request = { model: 'm', criticality: 'Standard', prompt: undefined } as const;
    const slot = picker.pick(rows, request, [], nowMs).index;
    picker.enter(slot);
    got[slot]!++;
    const fails = slot === 0 && bad !== undefined;
    const tookMs = fails ? FAST_MS : goodMs * (0.5 + random());
    going.push({ atMs: nowMs + tookMs, slot, status: fails ? bad : 200 });
  };
  for (let i = 0; i < clients; i++) ask();
  for (let done = 0; done < 4000; done++) {
    going.sort((a, b) => b.atMs - a.atMs);
    const { atMs, slot, status } = going.pop() as Going;
    nowMs = atMs;
    picker.leave(slot);
    breaker.answered(slot, status, nowMs);
    // The one that fails has no metrics, as a Pod that is no model server.
    for (let i = bad === undefined ? 0 : 1; scraped && i < COUNT; i++) {
      const running = endpoints.inFlight(i);
      const figures = { running: Math.min(running, 8), waiting: Math.max(0, running - 8), kvCacheUsage: 0.3 };
      const names = { modelName: 'm', runningAdapters: [], waitingAdapters: [], maxAdapters: 0 };
      endpoints.setFigures(i, { ...figures, ...names }, { inFlight: running, atMs: nowMs }, nowMs);
    }
    ask();
  }
  return got[0]! / (got[0]! + got[1]! + got[2]! + got[3]!);
}

for (const scraped of [true, false])
  for (const status of [404, 500, 429, 400, 301])
    test(`one of four that answers everything with ${status} at once gets no more than its share${scraped ? '' : ', also without metrics'}`, () => {
      for (const clients of [8, 40, 200])
        for (const goodMs of [50, 1000, 20_000]) {
          const share = shareOfFirst(clients, goodMs, status, scraped);
          assert.ok(share < 0.3, `${clients} clients, ${goodMs} ms: ${Math.round(share * 100)} %`);
        }
    });

test('four that are well get the same', () => {
  const share = shareOfFirst(40, 1000, undefined, true);
  assert.ok(share > 0.2 && share < 0.3, `${share}`);
});

test('what one client is refused for weighs little where others are served in between, and is forgotten soon', () => {
  const health = HealthTable.create(1);
  const { recentFailures } = health;
  for (let i = 0; i < 1000; i++) {
    recentFailures.answered(0, 400, i * 10);
    recentFailures.answered(0, 200, i * 10 + 5);
  }
  assert.ok(recentFailures.load(0, 10_000) < 1);
  for (let i = 0; i < 50; i++) recentFailures.failed(0, 10_000);
  assert.ok(recentFailures.load(0, 10_000) > 49);
  for (let i = 0; i < 7; i++) recentFailures.answered(0, 200, 10_000);
  assert.ok(recentFailures.load(0, 15_000) < 1);
});
