import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_HEADER_MUTATION, type RetryPolicy } from '../plan/index.ts';
import type { Asker } from './asker.ts';
import { GatewayLife } from './gateway-life.ts';
import { ASKS, type LifeOptions, lifeBench, NOTHING_HELD, RENAMED } from './life-for-test.ts';
import { SendingLife } from './sending/sending-life.ts';

const BODY = Buffer.from('{"model":"m","prompt":"x"}');

function sending(options: LifeOptions = {}, asks: Partial<Asker> = {}) {
  const bench = lifeBench(options);
  const life = new SendingLife(bench.parts, { ...ASKS, ...asks }, 'r', 0);
  life.routed(bench.target);
  return { life, ...bench };
}

function gateway(options: LifeOptions = {}) {
  const bench = lifeBench({ permitAt: 'pick', ...options });
  const life = new GatewayLife(bench.parts, ASKS, 'r', 0);
  life.routed(bench.target);
  return { life, ...bench };
}

test('what costs least refuses first: no permit, then an upgrade with a body, then a body without bounds', () => {
  const verdicts = [sending({ limit: 0 }), sending(), sending()].map(({ life }, i) => {
    assert.equal(life.begin(i < 2, 5000, 0, 1000, 0), 'reply');
    return [life.decision.verdict, life.reply?.status];
  });
  assert.deepEqual(verdicts, [
    ['overflow', 503],
    ['replied', 400],
    ['replied', 413],
  ]);
});

test('a permit is taken with the pick, or when a connection is there', () => {
  const own = sending({ limit: 1 });
  assert.equal(own.life.decide(BODY, 0), 'send');
  assert.deepEqual(own.held(), { ...NOTHING_HELD, inFlight: 1, sent: 1 });
  assert.ok(own.life.admit(0) && own.life.admit(0), 'once for all tries');
  assert.equal(own.held().permits, 2, 'of its route and of its pool');
  const theirs = gateway({ limit: 1 });
  assert.equal(theirs.life.decide(BODY, 0), 'send');
  assert.deepEqual(theirs.held(), { permits: 2, retries: 0, inFlight: 1, sent: 1 });
});

test('a pool whose permits were lost while the body came, and requests that another process has let go', () => {
  const lost = gateway({ ownership: { grants: () => false } });
  assert.equal(lost.life.decide(BODY, 0), 'reply');
  assert.deepEqual([lost.life.decision.verdict, lost.life.reply?.status], ['none', 503]);
  const foreign = gateway({ limit: 3, ownership: { foreign: () => 3 } });
  assert.equal(foreign.life.decide(BODY, 0), 'reply');
  assert.deepEqual(foreign.life.decision.permit, {
    scope: 'route/0',
    granted: false,
    limit: 'maxParallelRequests',
    inUse: 3,
    max: 3,
  });
});

test('what a body asks for is noted, and the model is put in as its server knows it', () => {
  const { life } = sending({ models: [RENAMED] });
  life.decide(BODY, 0);
  const { model, targetModel, criticality } = life.decision;
  assert.deepEqual([model, targetModel, criticality], ['m', 'm-v2', 'Critical']);
  assert.equal(
    Buffer.concat([...(life.rewritten ?? [])]).toString(),
    BODY.toString().replace('"m"', '"m-v2"'),
  );
  const unread = sending({ models: [RENAMED] });
  assert.equal(unread.life.decide(undefined, 0), 'send');
  assert.deepEqual([unread.life.decision.model, unread.life.rewritten], [undefined, undefined]);
  const nonsense = sending({ models: [RENAMED] });
  assert.equal(nonsense.life.decide(Buffer.from('nonsense'), 0), 'reply');
  assert.equal(nonsense.life.reply?.status, 400);
});

test('a request that names an InferenceObjective of the pool has its criticality', () => {
  const criticality = (objective: string) => {
    const { life } = sending({ objectives: { urgent: 'Critical' } }, { objective });
    life.decide(BODY, 0);
    return life.decision.criticality;
  };
  assert.deepEqual(['', 'urgent', 'other'].map(criticality), ['Sheddable', 'Critical', 'Sheddable']);
});

test('an external picker places a request and changes it, in its order; then others of the pool are tried', () => {
  const { life } = sending({ external: true });
  assert.equal(life.decide(BODY, 0), 'ask');
  const headers = { ...NO_HEADER_MUTATION, remove: ['x-a'] };
  const body = Buffer.from('{}');
  const refused = { outside: [], malformed: [] };
  assert.equal(life.pickedElsewhere({ kind: 'placed', indexes: [2, 0], headers, body, refused }, 0), 'send');
  assert.deepEqual([life.index, life.fallbacks, life.changes], [2, [0], headers]);
  assert.deepEqual(life.rewritten, [body]);
  assert.equal(life.decision.reason, 'placed by the external picker');
  const seen = [life.index];
  while (life.failed('connect-failure', 'refused', 'no', 0) === 'send') seen.push(life.index);
  assert.deepEqual(seen, [2, 0, 1]);
  assert.equal(life.reply?.status, 503);
});

test('an external picker that fails: FailClose answers, FailOpen picks here; both say why', () => {
  const failure = { kind: 'failed', failure: 'unavailable', detail: 'refused' } as const;
  const closed = sending({ external: true });
  assert.equal(closed.life.pickedElsewhere(failure, 0), 'reply');
  assert.deepEqual([closed.life.decision.verdict, closed.life.reply?.status], ['none', 503]);
  const open = sending({ external: true, failureMode: 'FailOpen' });
  assert.equal(open.life.pickedElsewhere(failure, 0), 'decide');
  assert.equal(open.life.decide(BODY, 0), 'send');
  for (const { life } of [closed, open])
    assert.equal(life.decision.reason, 'the external picker failed: unavailable: refused');
});

test('an answer that may be tried again: after a while, elsewhere, with the same permit', () => {
  const policy: RetryPolicy = {
    attempts: 1,
    on: [],
    statusCodes: [500],
    backoffBaseMs: 25,
    backoffMaxMs: 250,
  };
  const { life, held } = sending();
  life.decide(BODY, 0);
  life.repeats(policy, { method: 'POST', whole: true });
  assert.ok(life.admit(0));
  const first = life.index;
  assert.equal(life.answered(500, 0), 'wait');
  assert.ok(life.waitMs < 25);
  assert.deepEqual(held(), { permits: 2, retries: 1, inFlight: 0, sent: 0 });
  assert.equal(life.again(30), 'send');
  assert.notEqual(life.index, first);
  assert.equal(life.answered(500, 40), 'pass', 'no retry is left');
  life.responds(500);
  life.whole(50);
  assert.deepEqual(held(), NOTHING_HELD, 'before the client can know');
  life.ended(undefined, 50);
  const { status, tries, durationMs } = life.decision;
  assert.deepEqual([status, tries?.length, durationMs], [500, 1, 50]);
});

test('a gateway went on to another endpoint by itself: that one has the request', () => {
  const { life, held } = gateway();
  life.decide(BODY, 0);
  const [first, second] = life.destination.split(',');
  life.said(200, second, true, 1);
  assert.deepEqual(
    [life.decision.endpoint, life.decision.tries],
    [second, [{ endpoint: first, outcome: 'failed' }]],
  );
  assert.equal(held().inFlight, 1);
  life.ended(undefined, 2);
  assert.deepEqual(held(), NOTHING_HELD);
});

test('an observer that throws costs neither the request nor other observers anything', () => {
  const { life, told } = sending();
  told.ended.push = () => {
    throw new TypeError('told.ended is undefined');
  };
  life.decide(BODY, 0);
  life.ended(200, 1);
  assert.equal(life.over, true);
  assert.match(told.faults.join(), /^an observer of requests \(r\): TypeError: told\.ended is undefined/);
});
