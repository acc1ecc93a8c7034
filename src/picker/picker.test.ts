import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askedFor } from './asked-for-test.ts';
import { NO_ENDPOINTS, SHED } from './pick-result.ts';
import { NOW, setUp } from './picker-for-test.ts';

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

test('an unknown KV cache scores in the middle, and saturates nobody', () => {
  const { figures, pick, explain } = setUp(3);
  figures(0, { kvCacheUsage: Number.NaN });
  figures(1, { kvCacheUsage: 0.4 });
  assert.ok(pick({ criticality: 'Sheddable' }) >= 0);
  const kv = explain()?.map(({ scores }) => scores.find(({ scorer }) => scorer.startsWith('kv'))?.score);
  assert.deepEqual(kv, [0.5, 0.6, 0.5]);
  assert.equal(explain()?.[0]?.metrics?.kvCacheUsage, undefined);
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
