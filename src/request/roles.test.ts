import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetryPolicy } from '../plan/index.ts';
import { GatewayLife } from './gateway-life.ts';
import { ASKS, lifeBench, NOTHING_HELD, withPrefill } from './life-for-test.ts';
import { SendingLife } from './sending/sending-life.ts';
import type { Steps } from './steps/step.ts';
import { STEPS } from './steps/steps.ts';

const BODY = Buffer.from('{"model":"m","prompt":"x"}');
const POLICY: RetryPolicy = {
  attempts: 2,
  on: [],
  statusCodes: [500],
  backoffBaseMs: 25,
  backoffMaxMs: 250,
};

/** A request that is on its way, with what it holds at endpoints. */
function placed<Life extends SendingLife | GatewayLife>(
  make: new (...args: ConstructorParameters<typeof SendingLife>) => Life,
  steps: Steps,
) {
  const bench = lifeBench({ permitAt: Object.is(make, GatewayLife) ? 'pick' : 'connection', steps });
  const life = new make(bench.parts, ASKS, 'r', 0);
  life.routed(bench.target);
  assert.equal(life.decide(BODY, 0), 'send');
  const inFlight = () => bench.pool.endpoints.map((_, index) => bench.figures.inFlight(index));
  /** The same, as it should be. */
  const oneAt = (...indexes: number[]) =>
    bench.pool.endpoints.map((_, index) => (indexes.includes(index) ? 1 : 0));
  return { ...bench, life, inFlight, oneAt };
}

for (const Life of [SendingLife, GatewayLife])
  test(`${Life.name}: an endpoint of another role is placed with the request, counted, told, and given back`, () => {
    const { life, pool, held, inFlight, oneAt } = placed<SendingLife | GatewayLife>(Life, withPrefill());
    const decodes = life.indexOf('decode');
    const prefills = life.indexOf('prefill');
    assert.ok(decodes === life.index && prefills >= 0 && prefills !== decodes);
    const beside = [{ role: 'prefill', endpoint: pool.endpoints[prefills]?.id }];
    assert.deepEqual(life.decision.others, beside);
    assert.deepEqual([inFlight(), held().sent], [oneAt(decodes, prefills), 2]);
    life.ended(200, 1);
    life.gone(1);
    assert.deepEqual(held(), NOTHING_HELD);
    assert.equal(life.indexOf('prefill'), -1);
    assert.deepEqual(life.decision.others, beside, 'what was is still told');
  });

test('one endpoint has all roles, unless a pick says otherwise', () => {
  const { life, inFlight, oneAt } = placed(SendingLife, STEPS);
  assert.deepEqual([life.indexOf('decode'), life.indexOf('prefill')], [life.index, -1]);
  assert.deepEqual(inFlight(), oneAt(life.index));
  assert.equal('others' in life.decision, false);
});

test('a gateway goes on to another endpoint by itself: the one that prefills is still counted', () => {
  const { life, pool, inFlight, oneAt } = placed(GatewayLife, withPrefill());
  const prefills = life.indexOf('prefill');
  const third = pool.endpoints.findIndex((_, index) => index !== life.index && index !== prefills);
  life.said(200, pool.endpoints[third]?.id, true, 1);
  assert.deepEqual([life.indexOf('decode'), life.indexOf('prefill')], [third, prefills]);
  assert.deepEqual(inFlight(), oneAt(third, prefills));
});

test('a request that is sent again is placed anew in every role', () => {
  const { life, held, inFlight, oneAt } = placed(SendingLife, withPrefill(2));
  life.repeats(POLICY, { method: 'POST', whole: true });
  assert.equal(life.answered(500, 0), 'wait');
  assert.deepEqual([held().inFlight, held().sent], [0, 0]);
  assert.equal(life.again(30), 'send');
  assert.notEqual(life.indexOf('prefill'), life.index);
  assert.deepEqual(inFlight(), oneAt(life.index, life.indexOf('prefill')));
  assert.equal(life.answered(500, 40), 'wait');
  assert.equal(life.again(70), 'send');
  assert.deepEqual([life.indexOf('prefill'), inFlight()], [-1, oneAt(life.index)]);
  assert.equal(life.decision.others, undefined, 'of this try');
});

for (const calls of [1, 2])
  test(`call ${calls} of those that give back throws: no endpoint of any role is left counted`, () => {
    const { life, held, fuse } = placed(SendingLife, withPrefill());
    fuse.calls = calls;
    assert.throws(() => life.held.leave(), TypeError);
    assert.deepEqual([held().inFlight, held().sent], [0, 0]);
  });
