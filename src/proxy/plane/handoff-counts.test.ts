import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EndpointTable, HealthTable } from '../../endpoints/index.ts';
import {
  ACTIVE,
  CONNECTIONS,
  Limits,
  LimitTable,
  Permit,
  RETRIES,
  type ScopeHandle,
} from '../../limits/index.ts';
import { DEFAULT_THRESHOLDS, type Plan, type Thresholds } from '../../plan/index.ts';
import type { InUse } from '../../plane/index.ts';
import { limitCounts, Rows } from '../../request/index.ts';
import { HandoffCounts } from './handoff-counts.ts';

const NOTHING: InUse = { limits: new Map(), endpoints: new Map() };

function planOf(change: Partial<Thresholds>, name = 'scope'): Plan {
  const thresholds = { ...DEFAULT_THRESHOLDS, ...change };
  return {
    version: name,
    servers: [],
    clusters: [],
    pools: [
      {
        name: 'pool',
        endpoints: [{ id: '10.0.0.1:80', address: '10.0.0.1', port: 80 }],
      } as unknown as Plan['pools'][number],
    ],
    limits: [{ name, thresholds }],
  };
}

/** A process with its tables and one worker. */
class Replica {
  readonly plan: Plan;
  readonly table = LimitTable.create({ workers: 2, slots: 8 });
  readonly endpoints = EndpointTable.create(2, 8);
  readonly rows: Rows;
  readonly handoff: HandoffCounts;
  readonly limits: Limits;
  readonly scope: ScopeHandle;
  readonly permits: Permit[] = [];
  readonly #health = HealthTable.create(8);

  constructor(plan: Plan) {
    this.plan = plan;
    this.rows = new Rows(this.table, this.endpoints, this.#health);
    this.handoff = new HandoffCounts(this.tables, this.rows);
    this.rows.assign(plan, 0);
    this.limits = new Limits(LimitTable.attach(this.table.shared, 1));
    const { name, thresholds } = plan.limits[0] as Plan['limits'][number];
    this.scope = { slot: this.rows.limits.get(name) as number, name, thresholds };
  }

  get tables() {
    return { limits: this.table, endpoints: this.endpoints, health: this.#health };
  }

  acquire(): boolean {
    const got = this.limits.acquire(this.scope, undefined, 0);
    if (got instanceof Permit) this.permits.push(got);
    return got instanceof Permit;
  }

  release(): void {
    this.permits.shift()?.release(0);
  }

  handOver(): InUse {
    return this.handoff.handOver(this.plan);
  }

  shown() {
    return this.handoff.shown(limitCounts(this.plan, this.rows, this.tables))[0];
  }
}

const act = fc.record({
  who: fc.nat(2),
  what: fc.constantFrom('acquire', 'acquire', 'release', 'say', 'hear', 'follow'),
  pick: fc.nat(5),
});

test('replicas that follow each other never have more than the limit together, however late reports are, and end at zero', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 0, max: 4 }), (acts, limit) => {
      const plan = planOf({ maxParallelRequests: limit });
      const replicas = [new Replica(plan), new Replica(plan), new Replica(plan)];
      /** What each has written, the newest last; how far the one that follows has read is its own. */
      const written: InUse[][] = [[], [], []];
      const read = [0, 0, 0];
      let leader = 0;
      const hear = () => {
        const counts = new Map<string, number[]>();
        for (let i = 0; i < leader; i++) {
          const active = written[i]?.[read[i] as number]?.limits.get('scope')?.[ACTIVE] ?? 0;
          counts.set('scope', [(counts.get('scope')?.[ACTIVE] ?? 0) + active, 0, 0, 0]);
        }
        replicas[leader]?.handoff.count({ limits: counts, endpoints: new Map() });
      };
      for (const { who, what, pick } of acts) {
        const replica = replicas[who] as Replica;
        switch (what) {
          // One that has stopped serving may still have requests that came before.
          case 'acquire':
            if (who <= leader) replica.acquire();
            break;
          case 'release':
            replica.release();
            break;
          case 'say':
            if (who < leader) written[who]?.push(replica.handOver());
            break;
          case 'hear': {
            const newest = (written[who]?.length ?? 0) - 1;
            if (who < leader) read[who] = Math.min(newest, (read[who] as number) + pick);
            hear();
            break;
          }
          case 'follow':
            if (leader === replicas.length - 1) break;
            written[leader]?.push((replicas[leader] as Replica).handOver());
            leader++;
            hear();
        }
        const sum = replicas.reduce((all, { permits }) => all + permits.length, 0);
        assert.ok(sum <= limit, `${sum} of ${limit}`);
        for (const [i, { permits }] of replicas.entries()) {
          const told = written[i]?.at(-1)?.limits.get('scope')?.[ACTIVE] ?? 0;
          assert.ok(i >= leader || permits.length <= told, `${permits.length} are in use, ${told} were said`);
        }
      }
      for (const replica of replicas) while (replica.permits.length > 0) replica.release();
      for (let i = 0; i < leader; i++) assert.equal((replicas[i] as Replica).handOver().limits.size, 0);
      (replicas[leader] as Replica).handoff.count(NOTHING);
      for (const replica of replicas) {
        assert.equal(replica.shown()?.active, 0);
        assert.equal(replica.shown()?.elsewhere, undefined);
      }
      assert.equal((replicas[leader] as Replica).table.atRest(replicas[leader]!.scope.slot), true);
    }),
  );
});

test('who follows refuses what does not fit beside its predecessor, by the same answer, and says how much of it is elsewhere', () => {
  const replica = new Replica(planOf({ maxParallelRequests: 3 }));
  replica.handoff.count({ limits: new Map([['scope', [2, 0, 1, 0]]]), endpoints: new Map() });
  assert.equal(replica.acquire(), true);
  const refused = replica.limits.acquire(replica.scope, undefined, 0);
  assert.ok(!(refused instanceof Permit));
  assert.deepEqual([refused.inUse, refused.max], [3, 3]);
  assert.deepEqual(replica.shown()?.elsewhere, [2, 0, 1, 0]);
  assert.equal(replica.shown()?.active, 3);
  replica.handoff.count({ limits: new Map([['scope', [1, 0, 0, 0]]]), endpoints: new Map() });
  assert.equal(replica.acquire(), true);
});

test('who waits for room is told when a predecessor has less', async () => {
  const replica = new Replica(planOf({ maxConnections: 1 }));
  replica.handoff.count({ limits: new Map([['scope', [0, 0, 1, 0]]]), endpoints: new Map() });
  const waits = replica.limits.table.waitForRelease(replica.scope.slot, 60_000);
  replica.handoff.count(NOTHING);
  await waits;
  assert.equal(replica.limits.acquireConnection(replica.scope, undefined), true);
});

test('what a predecessor has of a limit that is not known yet counts from when it is', () => {
  const replica = new Replica(planOf({ maxParallelRequests: 1 }));
  replica.handoff.count({ limits: new Map([['later', [1, 0, 0, 0]]]), endpoints: new Map() });
  replica.rows.assign(planOf({ maxParallelRequests: 1 }, 'later'), 0);
  replica.handoff.settle();
  assert.equal(replica.table.inUse(replica.rows.limits.get('later') as number, ACTIVE), 1);
});

test('who leaves keeps what it has, shows that alone, and has no retries and connections for more', () => {
  const budget = { retryBudget: { percent: 100, minRetryConcurrency: 9 } };
  const replica = new Replica(planOf({ maxParallelRequests: 3, ...budget }));
  replica.acquire();
  replica.limits.acquireConnection(replica.scope, undefined);
  assert.deepEqual([...replica.handOver().limits], [['scope', [1, 0, 1, 0]]]);
  assert.equal(replica.acquire(), false);
  assert.equal(replica.limits.acquireRetry(replica.scope), false);
  assert.equal(replica.limits.acquireConnection(replica.scope, undefined), false);
  const { active, connections, retries, elsewhere } = replica.shown() ?? {};
  assert.deepEqual([active, connections, retries, elsewhere], [1, 1, 0, undefined]);
  replica.release();
  assert.deepEqual([...replica.handOver().limits], [['scope', [0, 0, 1, 0]]]);
  assert.equal(replica.acquire(), false);
});

test('what of one that was there before is counted stays so with who leaves, and is not said twice', () => {
  const replica = new Replica(planOf({ maxParallelRequests: 3 }));
  const key = 'pool#10.0.0.1:80';
  const before = { limits: new Map([['scope', [2, 0, 0, 0]]]), endpoints: new Map([[key, 2]]) };
  replica.handoff.count(before);
  replica.acquire();
  const slot = replica.rows.endpoints.get(key) as number;
  replica.endpoints.enter(slot);
  assert.equal(replica.endpoints.inFlight(slot), 3);
  const { limits, endpoints } = replica.handOver();
  assert.deepEqual([...limits], [['scope', [1, 0, 0, 0]]]);
  assert.deepEqual([...endpoints], [[key, 1]]);
  replica.handoff.count(NOTHING);
  assert.equal(replica.acquire(), false);
});

test('picks see what a predecessor has in flight, which scraped figures show already', () => {
  const replica = new Replica(planOf({}));
  const key = 'pool#10.0.0.1:80';
  const slot = replica.rows.endpoints.get(key) as number;
  const figures = { running: 2, waiting: 0, kvCacheUsage: 0, modelName: '', maxAdapters: 0 };
  const adapters = { runningAdapters: [], waitingAdapters: [] };
  replica.endpoints.setFigures(slot, { ...figures, ...adapters }, { inFlight: 0, atMs: 0 }, 1);
  replica.handoff.count({ limits: new Map(), endpoints: new Map([[key, 2]]) });
  assert.equal(replica.endpoints.inFlight(slot), 2);
  assert.equal(replica.endpoints.sinceScrape(slot), 0);
  replica.handoff.count(NOTHING);
  assert.equal(replica.endpoints.inFlight(slot), 0);
  assert.equal(replica.endpoints.sinceScrape(slot), -2);
});

test('connections to one endpoint are handed over by their own limit', () => {
  const plan = planOf({ maxConnectionsPerEndpoint: 2 });
  const cluster = {
    name: 'c',
    limit: 'scope',
    pool: 'pool',
    endpoints: [],
  } as unknown as Plan['clusters'][number];
  const replica = new Replica({ ...plan, clusters: [cluster] });
  const name = 'scope#10.0.0.1:80';
  const endpoint = {
    slot: replica.rows.limits.get(name) as number,
    name,
    thresholds: replica.scope.thresholds,
  };
  assert.equal(replica.limits.acquireConnection(replica.scope, endpoint), true);
  assert.deepEqual(replica.handOver().limits.get(name), [0, 0, 1, 0]);
  assert.equal(replica.table.tryTake(endpoint.slot, CONNECTIONS, 2), false);
  assert.equal(replica.table.inUse(endpoint.slot, RETRIES), 0);
});
