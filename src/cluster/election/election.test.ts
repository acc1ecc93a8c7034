import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Candidate, ModelServer, pair } from './candidates-for-test.ts';
import { LEASE_TIMES, type Request } from './election.ts';

test('the first to come leads, the second takes over a lease duration after the first is gone', () => {
  const server = new ModelServer();
  const [a, b] = pair();
  a.settle(server, 0);
  b.settle(server, 0);
  assert.deepEqual([a.leads(0), b.leads(0)], [true, false]);
  for (let time = 1000; time <= 60_000; time += 1000) {
    a.settle(server, time);
    b.settle(server, time);
    assert.deepEqual([a.leads(time), b.leads(time)], [true, false], `at ${time}`);
  }
  // a's last write was at 60 s; b sees it then.
  assert.ok(a.leads(69_999) && !a.leads(70_000));
  for (let time = 61_000; time < 75_000; time += 500) {
    b.settle(server, time);
    assert.equal(b.leads(time), false, `at ${time}`);
  }
  b.settle(server, 75_000);
  assert.equal(b.leads(75_000), true);
  assert.equal(server.lease?.record.transitions, 1);
  // What was only asleep finds that it has lost.
  a.settle(server, 75_000);
  assert.equal(a.leads(75_000), false);
});

test('one that stops lets the next lead at once', () => {
  const server = new ModelServer();
  const [a, b] = pair();
  a.settle(server, 0);
  b.settle(server, 0);
  a.take({ type: 'stop' }, 1000);
  assert.equal(a.leads(1000), false);
  a.settle(server, 1000);
  assert.deepEqual(a.state, { phase: 'stopped' });
  assert.equal(server.lease?.record.holder, '');
  b.settle(server, 2000);
  assert.equal(b.leads(2000), true);
});

test('one that stops while its first write is out takes that back', () => {
  const server = new ModelServer();
  const [a] = pair();
  a.take({ type: 'tick' }, 0);
  a.take(server.serve(a.request!), 0);
  assert.equal(a.request?.do, 'create');
  const answer = server.serve(a.request!);
  a.take({ type: 'stop' }, 1);
  a.take(answer, 2);
  a.settle(server, 2);
  assert.equal(server.lease?.record.holder, '');
  assert.deepEqual(a.state, { phase: 'stopped' });
});

test('jumps of the wall clock by an hour change nothing', () => {
  const server = new ModelServer();
  const [a, b] = pair();
  for (let time = 0; time <= 30_000; time += 1000) {
    a.wallOffsetMs = (time % 3000) * 3600 - 3_600_000;
    b.wallOffsetMs = -a.wallOffsetMs;
    a.settle(server, time);
    b.settle(server, time);
    assert.deepEqual([a.leads(time), b.leads(time)], [true, false], `at ${time}`);
  }
  assert.equal(server.lease?.record.transitions, 0);
});

test('a renewal that came through though its answer was lost is known as its own', () => {
  const server = new ModelServer();
  const [a] = pair();
  a.settle(server, 0);
  a.take({ type: 'tick' }, 2000);
  server.serve(a.request!);
  a.take({ type: 'failed' }, 4000);
  a.settle(server, 6000);
  assert.ok(a.leads(15_999));
  assert.equal(server.lease?.record.transitions, 0);
});

test('an answer that comes after the deadline does not make a leader', () => {
  const server = new ModelServer();
  const [a] = pair();
  a.take({ type: 'tick' }, 0);
  a.take(server.serve(a.request!), 0);
  a.take(server.serve(a.request!), 10_000);
  assert.equal(a.leads(10_000), false);
  a.settle(server, 10_000);
  assert.equal(a.leads(10_000), true);
});

test('a Lease that is deleted is not taken from one who may still lead', () => {
  const server = new ModelServer();
  const [a, b] = pair();
  a.settle(server, 0);
  b.settle(server, 0);
  server.lease = undefined;
  b.settle(server, 2000);
  assert.equal(server.lease, undefined);
  a.settle(server, 4000);
  assert.ok(a.leads(4000) && server.lease !== undefined);
});

/** What may happen next to one of the candidates, in any order. */
const happening = fc.record({
  who: fc.nat(2),
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant('round' as const) },
    { weight: 8, arbitrary: fc.constant('tick' as const) },
    { weight: 10, arbitrary: fc.constant('arrive' as const) },
    { weight: 10, arbitrary: fc.constant('answer' as const) },
    { weight: 2, arbitrary: fc.constant('lose' as const) },
    { weight: 1, arbitrary: fc.constant('jump' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.constant('stop' as const) },
  ),
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2500 }), fc.integer({ min: 0, max: 9000 })),
});

for (const identities of [
  ['a', 'b', 'c'],
  ['same', 'same', 'same'],
])
  test(`of ${identities.join(', ')} never two lead, in any order of requests, answers, losses and restarts`, () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 20, maxLength: 120, size: 'max' }), happenings => {
        const server = new ModelServer();
        let tokens = 0;
        const make = (who: number) =>
          new Candidate(identities[who]!, `token-${tokens++}`, who * 7_000_000 - 3_000_000);
        const candidates = identities.map((_, who) => make(who));
        /** Requests of those who have given up waiting: they may arrive at any time. */
        const lost: Request[] = [];
        let timeMs = 0;
        for (const { who, what, afterMs } of happenings) {
          timeMs += afterMs;
          const one = candidates[who]!;
          switch (what) {
            case 'round':
              if (one.request === undefined && one.answer === undefined) one.settle(server, timeMs);
              break;
            case 'tick':
              one.take({ type: 'tick' }, timeMs);
              break;
            case 'arrive':
              if (one.request !== undefined) one.answer = server.serve(one.request);
              else if (lost.length > 0) server.serve(lost.shift()!);
              one.request = undefined;
              break;
            case 'answer':
              if (one.answer !== undefined) {
                const { answer } = one;
                one.answer = undefined;
                one.take(answer, timeMs);
              }
              break;
            case 'lose':
              if (one.request === undefined && one.answer === undefined) break;
              if (one.request !== undefined) lost.push(one.request);
              one.request = one.answer = undefined;
              one.take({ type: 'failed' }, timeMs);
              break;
            case 'jump':
              one.wallOffsetMs += timeMs % 2 === 0 ? 3_600_000 : -3_600_000;
              break;
            case 'restart':
              if (one.request !== undefined) lost.push(one.request);
              candidates[who] = make(who);
              break;
            case 'stop':
              one.take({ type: 'stop' }, timeMs);
              break;
          }
          const leaders = candidates.filter(each => each.leads(timeMs));
          assert.ok(leaders.length <= 1, `at ${timeMs}: ${leaders.map(each => each.options.token)}`);
        }
        // Left in peace, one of those that run leads before long.
        for (const each of candidates) {
          each.request = each.answer = undefined;
          each.take({ type: 'failed' }, timeMs);
        }
        const end = timeMs + 2 * LEASE_TIMES.leaseDurationMs + 2 * LEASE_TIMES.retryPeriodMs;
        for (; timeMs <= end; timeMs += 500) for (const each of candidates) each.settle(server, timeMs);
        const running = candidates.filter(each => each.state.phase === 'running');
        assert.equal(running.filter(each => each.leads(end)).length, Math.min(1, running.length));
      }),
      { numRuns: 1000 },
    );
  });
