import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EndpointFigures } from '../endpoints/index.ts';
import { ClusterBreaker, DEFAULT_BREAKER, EndpointTable, HealthTable, nameHash } from '../endpoints/index.ts';
import { seededRandom } from '../kernel/index.ts';
import type { Pool } from '../plan/index.ts';
import { askedFor } from './asked-for-test.ts';
import type { PickRequest } from './pick-request.ts';
import { ALL_UNHEALTHY, NO_ENDPOINTS, type PickResult, SHED } from './pick-result.ts';
import { Picker } from './picker.ts';
import { poolRows } from './pool-rows.ts';
import { PrefixTable } from './prefix-table.ts';

const NOW = Date.UTC(2026, 0, 1);
const CALM: EndpointFigures = {
  running: 0,
  waiting: 0,
  kvCacheUsage: 0,
  modelName: 'base',
  runningAdapters: [],
  waitingAdapters: [],
  maxAdapters: 2,
};

function pool(count: number, change: Partial<Pool> = {}): Pool {
  return {
    name: 'default/pool',
    source: { kind: 'InferencePool', namespace: 'default', name: 'pool' },
    endpoints: Array.from({ length: count }, (_, i) => ({
      id: `127.0.0.${i + 1}:8000`,
      address: `127.0.0.${i + 1}`,
      port: 8000,
      labels: {},
      metricsPath: '/metrics',
    })),
    models: [],
    failureMode: 'FailClose',
    ...change,
  };
}

/** A picker over `count` endpoints in rows 0, 1, …. */
function setUp(count: number, change: Partial<Pool> = {}, seed = 1, panicThresholdPercent?: number) {
  const endpoints = EndpointTable.create(1, count + 1);
  const health = HealthTable.create(count + 1);
  const picker = new Picker({
    endpoints,
    health,
    prefixes: PrefixTable.create(1 << 12),
    random: seededRandom(seed),
  });
  const rows = poolRows(
    pool(count, change),
    Int32Array.from({ length: count }, (_, i) => i),
    panicThresholdPercent,
  );
  const breaker = new ClusterBreaker(
    health,
    rows.slots,
    { ...DEFAULT_BREAKER, maxEjectionPercent: 100 },
    true,
  );
  const fail = (slot: number, times: number = DEFAULT_BREAKER.consecutiveLocalOriginFailures) => {
    for (let i = 0; i < times; i++) breaker.failed(slot, false, NOW);
  };
  const figures = (slot: number, some: Partial<EndpointFigures>, ageMs = 0) =>
    endpoints.setFigures(
      slot,
      { ...CALM, ...some },
      { inFlight: endpoints.inFlight(slot), atMs: NOW - ageMs },
      NOW - ageMs,
    );
  let last: PickResult | undefined;
  const result = (request: Partial<PickRequest> = {}, tried: number[] = [], nowMs = NOW, fallbacks = 0) => {
    const full = { model: 'base', criticality: 'Standard' as const, prompt: undefined, ...request };
    last = picker.pick(rows, full, tried, nowMs, fallbacks);
    if (last.index >= 0) breaker.sent(last.index, nowMs);
    return last;
  };
  const pick = (request: Partial<PickRequest> = {}, tried: number[] = [], nowMs = NOW) =>
    result(request, tried, nowMs).index;
  /** Picks, and has the request served. */
  const serve = (request: Partial<PickRequest> = {}) => {
    const { index, footprint } = result(request);
    picker.learn(index, footprint, NOW);
    return index;
  };
  const explain = ({ entry } = last as PickResult) => picker.log.read(entry);
  return { endpoints, health, breaker, fail, picker, figures, result, pick, serve, explain };
}

test('no endpoints', () => {
  assert.equal(setUp(0).pick(), NO_ENDPOINTS);
});

test('what has ended since the last scrape is no load any more', () => {
  const { endpoints, figures, pick } = setUp(2);
  for (let i = 0; i < 3; i++) endpoints.enter(0);
  endpoints.enter(1);
  figures(0, { running: 3 });
  figures(1, { running: 1 });
  assert.equal(pick(), 1);
  for (let i = 0; i < 3; i++) endpoints.leave(0);
  assert.equal(pick(), 0);
  // Others' requests stay: one of those that run there is not ours.
  figures(0, { running: 1 });
  endpoints.enter(0);
  endpoints.leave(1);
  assert.equal(pick(), 1);
});

test('a queue that has been worked off since the last scrape saturates no more', () => {
  const { endpoints, figures, pick } = setUp(1);
  for (let i = 0; i < 10; i++) endpoints.enter(0);
  figures(0, { running: 2, waiting: 8 });
  assert.equal(pick({ criticality: 'Sheddable' }), SHED);
  for (let i = 0; i < 10; i++) endpoints.leave(0);
  assert.equal(pick({ criticality: 'Sheddable' }), 0);
});

test('the shorter queue wins, and the runner-up is the next best', () => {
  const { figures, result } = setUp(3);
  figures(0, { waiting: 5 });
  figures(1, { waiting: 0 });
  figures(2, { waiting: 2 });
  const { index, runnerUp } = result();
  assert.deepEqual([index, runnerUp], [1, 2]);
});

test('a pick is a value: another one after it changes nothing of it', () => {
  const { figures, result, explain } = setUp(3);
  figures(0, { waiting: 5 });
  figures(1, { waiting: 0 });
  figures(2, { waiting: 2 });
  const { prompt } = askedFor({ prompt: 'first '.repeat(40) });
  const first = result({ prompt, model: 'sql' }, [], NOW, 2);
  const before = structuredClone({ ...first, entry: explain(first) });
  const second = result({ prompt: askedFor({ prompt: 'second '.repeat(40) }).prompt }, [1], NOW, 2);
  assert.deepEqual([first.index, second.index], [1, 2]);
  assert.deepEqual({ ...first, entry: explain(first) }, before);
  assert.notDeepEqual(second.footprint, first.footprint);
});

test('where an endpoint keeps what is asked about, the best of the others is the runner-up', () => {
  const { figures, result } = setUp(3);
  figures(0, { waiting: 5 });
  figures(1, { waiting: 0 });
  figures(2, { waiting: 2 });
  const { index, runnerUp, fallbacks } = result({ owner: 0 }, [], NOW, 2);
  assert.deepEqual([index, runnerUp, [...fallbacks]], [0, 1, [1, 2]]);
});

test('what was sent since the last scrape counts, so that a burst does not go to one endpoint', () => {
  const { endpoints, figures, pick } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 40; i++) {
    const picked = pick();
    endpoints.enter(picked);
    counts[picked]!++;
  }
  assert.deepEqual(counts, [10, 10, 10, 10]);
});

test('without figures, and with stale ones, our own count decides', () => {
  const { endpoints, figures, pick } = setUp(2);
  figures(1, { running: 50, waiting: 50, kvCacheUsage: 0.99 }, 60_000);
  endpoints.enter(0);
  assert.equal(pick(), 1);
});

test('equals are drawn evenly, and the same seed draws the same', () => {
  const draw = (seed: number) => {
    const { pick } = setUp(4, {}, seed);
    return Array.from({ length: 400 }, () => pick());
  };
  const counts = [0, 0, 0, 0];
  for (const picked of draw(7)) counts[picked]!++;
  for (const count of counts) assert.ok(count > 60 && count < 140, `${counts}`);
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('the same prompt goes where it went, until that endpoint has much more to do', () => {
  const { endpoints, figures, pick, serve } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const { prompt } = askedFor({
    messages: [{ role: 'system', content: 'You are helpful. '.repeat(40) }],
  });
  const first = serve({ prompt });
  for (let i = 0; i < 20; i++) assert.equal(pick({ prompt }), first);
  for (let i = 0; i < 100; i++) endpoints.enter(first);
  figures(first, { running: 50, waiting: 50, kvCacheUsage: 0.95 });
  assert.notEqual(pick({ prompt }), first);
});

test('an adapter goes where it is loaded; a server whose slots are full is filtered while others have room', () => {
  const { figures, pick, explain } = setUp(3);
  figures(0, { runningAdapters: ['x', 'y'] });
  figures(1, { runningAdapters: ['sql'] });
  figures(2, {});
  assert.equal(pick({ model: 'sql' }), 1);
  assert.equal(explain()?.[0]?.removedBy, 'lora-slot-available');
  figures(1, { runningAdapters: ['a', 'b'] });
  figures(2, { runningAdapters: ['a', 'b'] });
  assert.ok(pick({ model: 'sql' }) >= 0, 'all are full: none is filtered');
});

test('an adapter stays where it was sent, until that server has used others since', () => {
  const { figures, serve } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const home = serve({ model: 'sql' });
  for (let i = 0; i < 10; i++) assert.equal(serve({ model: 'sql' }), home);
  // Six adapters on four servers with two slots each: each finds a home and keeps it.
  const names = ['sql', 'a', 'b', 'c', 'd', 'e'];
  const homes = names.map(model => serve({ model }));
  for (let round = 0; round < 3; round++)
    assert.deepEqual(
      names.map(model => serve({ model })),
      homes,
    );
});

test('an open circuit and cooling are filtered; cooling ones come back where nobody else is left', () => {
  const { breaker, fail, pick, explain } = setUp(3);
  fail(0);
  breaker.answered(1, 429, NOW);
  assert.equal(pick(), 2);
  assert.deepEqual(
    explain()?.map(candidate => candidate.removedBy),
    ['circuit-open', 'cooling', undefined],
  );
  breaker.answered(2, 503, NOW);
  assert.notEqual(pick(), 0);
});

test('a half-open endpoint gets one request while others can serve, and all of them where nobody else can', () => {
  const later = NOW + DEFAULT_BREAKER.baseEjectionTimeMs;
  const { breaker, fail, pick, figures } = setUp(2);
  fail(0);
  breaker.failed(1, false, NOW);
  // The other one has much to do, so that the half-open one is preferred.
  figures(1, { waiting: 50, running: 50 }, NOW - later);
  assert.equal(pick({}, [], later), 0);
  for (let i = 0; i < 5; i++) assert.equal(pick({}, [], later), 1);
  breaker.answered(0, 200, later);
  assert.equal(pick({}, [], later), 0);

  const alone = setUp(1);
  alone.fail(0);
  for (let i = 0; i < 5; i++) assert.equal(alone.pick({}, [], later), 0);
});

test('all circuits open and panicThreshold 0: FailClose has none, FailOpen picks among all', () => {
  for (const [failureMode, expected] of [
    ['FailClose', ALL_UNHEALTHY],
    ['FailOpen', 0],
  ] as const) {
    const { fail, pick } = setUp(1, { failureMode }, 1, 0);
    fail(0);
    assert.equal(pick(), expected);
  }
});

test('with fewer than half healthy all are used, as by Envoy', () => {
  const { fail, pick, explain } = setUp(5);
  fail(0);
  fail(1);
  assert.ok(pick() >= 2);
  fail(2);
  assert.ok(pick() >= 0);
  assert.ok(explain()?.every(({ removedBy }) => removedBy === undefined));
});

test('what refused a scrape is left out while another is there, and used when all are so', () => {
  const { health, breaker, pick, explain } = setUp(2);
  health.noteRefused(0);
  for (let i = 0; i < 20; i++) assert.equal(pick(), 1);
  assert.equal(explain()?.[0]?.removedBy, 'refused-scrape');
  breaker.answered(1, 503, NOW);
  assert.equal(pick(), 1, 'one that asked for a pause is there, at least');
  health.noteRefused(1);
  assert.ok(pick() >= 0);
});

test('an unknown KV cache scores in the middle, and saturates nobody', () => {
  const { figures, pick, explain } = setUp(3);
  figures(0, { kvCacheUsage: Number.NaN });
  figures(1, { kvCacheUsage: 0.4 });
  assert.ok(pick({ criticality: 'Sheddable' }) >= 0);
  const kv = explain()?.map(({ scores }) => scores.find(({ scorer }) => scorer.startsWith('kv'))?.score);
  assert.deepEqual(kv, [0.5, 0.6, 0.5]);
  assert.equal(explain()?.[0]?.metrics?.kvCacheUsage, undefined);
});

test('a request that was not served attracts nothing: neither its prompt nor its adapter', () => {
  const { figures, pick, explain } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const { prompt } = askedFor({ prompt: 'You are helpful. '.repeat(40) });
  const picks = new Set(Array.from({ length: 60 }, () => pick({ prompt, model: 'sql' })));
  assert.equal(picks.size, 4);
  assert.ok(
    explain()?.every(({ scores }) => scores.find(({ scorer }) => scorer.startsWith('prefix'))?.score === 0),
  );
});

test('a retry goes to another endpoint, unless there is none', () => {
  const { pick } = setUp(2);
  assert.equal(pick({}, [0]), 1);
  assert.equal(pick({}, [1]), 0);
  assert.ok(pick({}, [0, 1]) >= 0);
});

test('with all saturated a sheddable request is shed, others are not; unknown figures shed nobody', () => {
  const { figures, pick } = setUp(2);
  assert.ok(pick({ criticality: 'Sheddable' }) >= 0);
  figures(0, { waiting: 6 });
  figures(1, { kvCacheUsage: 0.81 });
  assert.equal(pick({ criticality: 'Sheddable' }), SHED);
  assert.ok(pick({ criticality: 'Standard' }) >= 0);
  assert.ok(pick({ criticality: 'Critical' }) >= 0);
  figures(1, { kvCacheUsage: 0.5 });
  assert.equal(pick({ criticality: 'Sheddable' }), 1, 'the other filter leaves the one with room');
});

test("a pool's own weights take the place of the defaults", () => {
  const { figures, pick, explain } = setUp(2, {
    plugins: [
      { name: 'queue-scorer', weight: 0 },
      { name: 'in-flight-scorer', weight: 0 },
    ],
  });
  figures(0, { waiting: 100, kvCacheUsage: 0.1 });
  figures(1, { waiting: 0, kvCacheUsage: 0.2 });
  assert.equal(pick(), 0);
  assert.deepEqual(
    explain()?.[0]?.scores.map(({ scorer, weight }) => [scorer, weight]),
    [
      ['queue-scorer', 0],
      ['kv-cache-utilization-scorer', 2],
      ['lora-affinity-scorer', 2],
      ['in-flight-scorer', 0],
      ['prefix-cache-scorer', 3],
    ],
  );
});

test('the total of the picked one is the greatest, whatever the figures', () => {
  const endpoint = fc.record({
    running: fc.nat(300),
    waiting: fc.nat(50),
    kvCacheUsage: fc.double({ min: 0, max: 1, noNaN: true }),
    inFlight: fc.nat(20),
    stale: fc.boolean(),
    fails: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(endpoint, { minLength: 1, maxLength: 40 }), fc.nat(), (list, seed) => {
      const { endpoints, fail, figures, result, explain } = setUp(list.length, {}, seed, 0);
      list.forEach(({ stale, inFlight, fails, ...some }, slot) => {
        for (let i = 0; i < inFlight; i++) endpoints.enter(slot);
        figures(slot, some, stale ? 10_000 : 0);
        fail(slot, fails);
      });
      const { index: picked, runnerUp, fallbacks } = result({}, [], NOW, 3);
      const candidates = explain() ?? [];
      assert.equal(candidates.length, list.length);
      if (picked < 0) {
        assert.ok(candidates.every(candidate => candidate.removedBy === 'circuit-open'));
        return;
      }
      const best = candidates[picked]?.total ?? Number.NaN;
      for (const { total, scores } of candidates) {
        assert.ok(total === undefined || total <= best + 1e-6);
        for (const { score } of scores) assert.ok(score >= 0 && score <= 1);
      }
      assert.ok(runnerUp !== picked);
      const others = candidates.flatMap(({ total }, i) =>
        total === undefined || i === picked ? [] : [total],
      );
      const best3 = others.sort((a, b) => b - a).slice(0, 3);
      assert.deepEqual(
        fallbacks.map(i => candidates[i]?.total),
        best3,
      );
      assert.equal(runnerUp, fallbacks[0] ?? -1);
    }),
  );
});

test('an endpoint without a model gets no requests for it, until it is over, it serves one, or nobody has it', () => {
  const { picker, pick, explain } = setUp(3);
  const lacks = (slot: number, model: string) =>
    picker.lacks(slot, { model: nameHash(model), blocks: new Int32Array(0) }, NOW);
  lacks(0, 'sql');
  lacks(1, 'sql');
  for (let i = 0; i < 10; i++) assert.equal(pick({ model: 'sql' }), 2);
  assert.equal(explain()?.[0]?.removedBy, 'model-absent');
  assert.equal(new Set(Array.from({ length: 60 }, () => pick({ model: 'other' }))).size, 3);
  assert.equal(new Set(Array.from({ length: 60 }, () => pick({ model: 'sql' }, [], NOW + 31_000))).size, 3);
  picker.learn(1, { model: nameHash('sql'), blocks: new Int32Array(0) }, NOW);
  assert.ok(new Set(Array.from({ length: 60 }, () => pick({ model: 'sql' }))).has(1));
  lacks(1, 'sql');
  lacks(2, 'sql');
  assert.equal(new Set(Array.from({ length: 60 }, () => pick({ model: 'sql' }))).size, 3);
  // Names that somebody makes up push out what was known, and take no more room.
  for (let i = 0; i < 1000; i++) lacks(0, `made up ${i}`);
  assert.ok(pick({ model: 'sql' }) >= 0);
});
