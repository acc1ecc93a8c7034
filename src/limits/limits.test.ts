import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { SlotMap } from '../kernel/index.ts';
import { DEFAULT_THRESHOLDS } from '../plan/index.ts';
import { ACTIVE, CONNECTIONS, LimitTable, PENDING, RETRIES } from './limit-table.ts';
import { Limits, Permit, type ScopeHandle } from './limits.ts';

const scope = (slot: number, change: Partial<ScopeHandle['thresholds']>): ScopeHandle => ({
  slot,
  name: `scope-${slot}`,
  thresholds: { ...DEFAULT_THRESHOLDS, ...change },
});

const act = fc.record({
  worker: fc.integer({ min: 1, max: 4 }),
  kind: fc.constantFrom('acquire', 'release', 'release-twice', 'die'),
  pick: fc.nat(20),
});

test('any interleaving of acquire, release and death is never over the limit and ends at zero', () => {
  fc.assert(
    fc.property(
      fc.array(act, { maxLength: 200 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 5 }),
      (acts, own, pool) => {
        const table = LimitTable.create({ workers: 5, slots: 4 });
        const workers = [1, 2, 3, 4].map(w => new Limits(LimitTable.attach(table.shared, w)));
        const a = scope(0, { maxParallelRequests: own });
        const p = scope(1, { maxParallelRequests: pool });
        const held: Permit[][] = [[], [], [], []];
        for (const { worker, kind, pick } of acts) {
          const mine = held[worker - 1] as Permit[];
          if (kind === 'acquire') {
            const got = (workers[worker - 1] as Limits).acquire(a, p, pick);
            if (got instanceof Permit) mine.push(got);
          } else if (kind === 'die') {
            table.reclaim(worker);
            mine.length = 0;
          } else if (mine.length > 0) {
            const [permit] = mine.splice(pick % mine.length, 1);
            permit?.release(pick);
            if (kind === 'release-twice') permit?.release(pick);
          }
          const total = held.flat().length;
          assert.equal(table.inUse(0, ACTIVE), total);
          assert.equal(table.inUse(1, ACTIVE), total);
          assert.ok(total <= Math.min(own, pool));
        }
        for (const permit of held.flat()) permit.release(0);
        assert.ok(table.atRest(0) && table.atRest(1));
      },
    ),
  );
});

test('a retry budget follows what is active and pending; a refusal is counted', () => {
  const limits = new Limits(LimitTable.create({ workers: 1, slots: 1 }));
  const s = scope(0, { retryBudget: { percent: 50, minRetryConcurrency: 1 } });
  assert.ok(limits.acquireRetry(s));
  assert.ok(!limits.acquireRetry(s));
  assert.equal(limits.table.refused(0, RETRIES), 1);
  for (let i = 0; i < 4; i++) limits.acquire(s, undefined, 0);
  assert.ok(limits.acquireRetry(s));
  assert.ok(!limits.acquireRetry(s));
});

test('connections count in the scope and at the endpoint, or in neither', () => {
  const limits = new Limits(LimitTable.create({ workers: 1, slots: 2 }));
  const s = scope(0, { maxConnections: 3 });
  const endpoint = scope(1, { maxConnectionsPerEndpoint: 1 });
  assert.ok(limits.acquireConnection(s, endpoint));
  assert.ok(!limits.acquireConnection(s, endpoint));
  assert.equal(limits.table.inUse(0, CONNECTIONS), 1);
  limits.releaseConnection(s, endpoint);
  assert.ok(limits.table.atRest(0) && limits.table.atRest(1));
});

test('retry-after is unknown before anything has drained, then measured and capped', () => {
  const limits = new Limits(LimitTable.create({ workers: 1, slots: 1 }));
  const s = scope(0, { maxParallelRequests: 1, maxPendingRequests: 0 });
  assert.ok(!limits.acquirePending(s));
  assert.equal(limits.table.inUse(0, PENDING), 0);
  assert.equal(limits.refuse(s, 'maxPendingRequests').retryAfterSeconds, undefined);
  const permit = limits.acquire(s, undefined, 1000);
  assert.ok(permit instanceof Permit);
  permit.release(3500);
  // That nobody came for a minute does not mean that it drains slowly.
  assert.ok(limits.acquire(s, undefined, 63_500) instanceof Permit);
  const refused = limits.acquire(s, undefined, 63_501);
  assert.deepEqual(refused, {
    limit: 'maxParallelRequests',
    scope: 'scope-0',
    inUse: 1,
    max: 1,
    retryAfterSeconds: 3,
  });
});

test('a release wakes who waits in another thread, and a row is free for another name only at rest', async () => {
  const table = LimitTable.create({ workers: 2, slots: 1 });
  const limits = new Limits(table);
  const s = scope(0, { maxParallelRequests: 1 });
  const permit = limits.acquire(s, undefined, 0) as Permit;
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     parentPort.on('message', () => {}); // Atomics.waitAsync alone does not keep a thread's event loop alive.
     import(workerData.module).then(async ({ LimitTable }) => {
       const table = LimitTable.attach(workerData.shared, 1);
       const waiting = table.waitForRelease(0, 30_000);
       parentPort.postMessage('waiting');
       await waiting;
       parentPort.postMessage(table.inUse(0, 0));
     });`,
    {
      eval: true,
      workerData: { module: new URL('./limit-table.ts', import.meta.url).href, shared: table.shared },
    },
  );
  const messages = await new Promise<unknown[]>((resolve, reject) => {
    const seen: unknown[] = [];
    worker.on('error', reject);
    worker.on('message', message => {
      seen.push(message);
      if (message === 'waiting') permit.release(Date.now());
      else resolve(seen);
    });
  });
  assert.deepEqual(messages, ['waiting', 0]);
  await worker.terminate();

  const slots = new SlotMap(1);
  assert.equal(slots.slot('a'), 0);
  assert.throws(() => slots.slot('b'), RangeError);
  assert.deepEqual(
    slots.retain(new Set(), slot => slot !== 0),
    [],
  );
  assert.deepEqual(
    slots.retain(new Set(), slot => table.atRest(slot)),
    [0],
  );
  assert.equal(slots.slot('b'), 1, 'the row again, under its next name');
});

test('four threads at a limit of 3 never hold a fourth', async () => {
  const table = LimitTable.create({ workers: 5, slots: 1 });
  const peak = new Int32Array(new SharedArrayBuffer(8));
  const hammer = `const { workerData: d, parentPort } = require('node:worker_threads');
    import(d.module).then(({ LimitTable }) => {
      const table = LimitTable.attach(d.shared, d.worker);
      for (let i = 0; i < 100_000; i++) {
        if (!table.tryTake(0, 0, 3)) continue;
        const held = Atomics.add(d.peak, 0, 1) + 1;
        if (held > Atomics.load(d.peak, 1)) Atomics.store(d.peak, 1, held);
        Atomics.sub(d.peak, 0, 1);
        table.give(0, 0);
      }
      parentPort.postMessage('done');
    });`;
  const module = new URL('./limit-table.ts', import.meta.url).href;
  await Promise.all(
    [1, 2, 3, 4].map(worker => {
      const thread = new Worker(hammer, {
        eval: true,
        workerData: { module, shared: table.shared, worker, peak },
      });
      return new Promise((resolve, reject) => thread.on('exit', resolve).on('error', reject));
    }),
  );
  assert.ok((peak[1] as number) >= 1 && (peak[1] as number) <= 3, `peak ${peak[1]}`);
  assert.ok(table.atRest(0));
});
