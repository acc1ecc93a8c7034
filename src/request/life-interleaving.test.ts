import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_HEADER_MUTATION, type RetryPolicy } from '../plan/index.ts';
import type { Action } from './action.ts';
import { CANCELLED } from './endpoint/endpoint-choice.ts';
import type { PickOutcome } from './external-picker/pick-answer.ts';
import { GatewayLife } from './gateway-life.ts';
import { ASKS, type LifeOptions, lifeBench, NOTHING_HELD, RENAMED, withPrefill } from './life-for-test.ts';
import type { FailureKind, StaleConnection } from './sending/sending-failure.ts';
import { SendingLife } from './sending/sending-life.ts';
import { requestTimeout } from './sending/time-limit.ts';

const POLICY: RetryPolicy = {
  attempts: 2,
  on: ['5xx', 'reset', 'connect-failure'],
  statusCodes: [503],
  backoffBaseMs: 25,
  backoffMaxMs: 250,
};

/** What may happen to a request, at any time. */
const HAPPENINGS = [
  'comes',
  'grows',
  'elsewhere',
  'connected',
  'refused',
  'answers',
  'fails',
  'lacks',
  'whole',
  'times-out',
  'waited',
  'leaves',
  'moves',
  'throws',
] as const;

const happening = fc.record({
  life: fc.nat({ max: 3 }),
  what: fc.constantFrom(...HAPPENINGS),
  status: fc.constantFrom(200, 404, 429, 500, 503),
  failure: fc.constantFrom<FailureKind>('connect-failure', 'connect-timeout', 'reset', 'timeout'),
  stale: fc.constantFrom<StaleConnection>('no', 'no', 'sent', 'unsent'),
  bytes: fc.constantFrom(0, 50, 500, 5000),
  body: fc.constantFrom('{"model":"m","prompt":"x"}', '{', '', '{"model":"other"}'),
  outcome: fc.constantFrom<PickOutcome['kind']>('placed', 'replied', 'failed'),
  thrown: fc.boolean(),
});
type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

function outcomeOf(kind: PickOutcome['kind']): PickOutcome {
  switch (kind) {
    case 'placed':
      return {
        kind,
        indexes: [1, 0],
        headers: NO_HEADER_MUTATION,
        body: undefined,
        refused: { outside: [], malformed: [] },
      };
    case 'replied':
      return { kind, reply: { status: 418, headers: [], body: '' } };
    case 'failed':
      return { kind, failure: 'timeout', detail: '' };
  }
}

/** A plane that does what its life says, and what happens to it when that can happen. */
class Driven {
  readonly life: SendingLife | GatewayLife;
  step: Action | undefined;
  #begun = false;
  #over = false;

  constructor(life: SendingLife | GatewayLife) {
    this.life = life;
  }

  happens(it: Happening, now: number): void {
    try {
      if (!this.#over) this.#happens(it, now);
    } catch (thrown) {
      this.fails(thrown, now);
    }
  }

  /** As a plane's guard does. */
  fails(thrown: unknown, now: number): void {
    this.life.faulted(thrown, this.#begun);
    this.end(now);
  }

  end(now: number): void {
    this.#over = true;
    for (let again = 0; again < 2; again++) {
      try {
        this.life.ended(undefined, now);
      } catch {
        // It was told, and has given back what it gives back.
      }
      this.life.gone(now);
    }
  }

  #happens(it: Happening, now: number): void {
    const { life } = this;
    if (it.what === 'throws') throw new Error('something of ours');
    if (it.what === 'leaves') {
      life.left();
      this.end(now);
      return;
    }
    if (it.what === 'comes' && this.step === undefined)
      this.#does(
        life.begin(it.thrown, it.bytes, it.bytes, it.status === 200 ? 1000 : undefined, now),
        it,
        now,
      );
    else if (it.what === 'grows' && this.step === 'read')
      this.#does(
        it.bytes > 0 ? life.bodyIs(it.bytes, 0, 1000) : life.decide(Buffer.from(it.body), now),
        it,
        now,
      );
    else if (it.what === 'elsewhere' && this.step === 'ask')
      this.#does(life.pickedElsewhere(outcomeOf(it.outcome), now), it, now);
    else if (life instanceof GatewayLife) this.#gateway(life, it, now);
    else this.#sending(life, it, now);
  }

  #sending(life: SendingLife, it: Happening, now: number): void {
    if (it.what === 'times-out' && this.step !== undefined) {
      this.#does(life.timedOut(requestTimeout(1), now), it, now);
      return;
    }
    if (it.what === 'waited' && this.step === 'wait') this.#does(life.again(now), it, now);
    if (this.step !== 'send' && this.step !== 'send-anew') return;
    if (it.what === 'connected' && !life.admit(now)) this.end(now);
    else if (it.what === 'refused') this.#does(life.refused('maxPendingRequests'), it, now);
    else if (it.what === 'fails') this.#does(life.failed(it.failure, '', it.stale, now), it, now);
    else if (it.what === 'answers' && !this.#begun) this.#does(life.answered(it.status, now), it, now);
    else if (it.what === 'lacks' && !this.#begun) this.#does(life.lacksModel(404, now), it, now);
    else if (it.what === 'whole') {
      life.whole(now);
      if (it.thrown && !this.#begun) this.#does(life.lacksModel(404, now), it, now);
      else this.end(now);
    }
  }

  #gateway(life: GatewayLife, it: Happening, now: number): void {
    if (!life.placed) return;
    if (it.what === 'moves') life.said(it.status, life.destination.split(',').at(-1), it.thrown, now);
    else if (it.what === 'answers') life.answered(it.status, now);
    else if (it.what === 'fails') life.failed(it.failure, 'UF', now);
    else if (it.what === 'times-out') life.timedOut(requestTimeout(1), now);
    else if (it.what === 'lacks') life.lacksModel(now);
    else if (it.what === 'refused') life.refusedByGateway('maxPendingRequests');
    else if (it.what === 'whole') this.end(now);
  }

  #does(step: Action, it: Happening, now: number): void {
    this.step = step;
    switch (step) {
      case 'reply':
        assert.equal(this.life.decision.status, this.life.reply?.status);
        this.end(now);
        return;
      case 'break-off':
        assert.ok(this.#begun);
        this.end(now);
        return;
      case 'decide':
        this.#does(this.life.decide(undefined, now), it, now);
        return;
      case 'pass':
        this.#begun = true;
        if (this.life instanceof SendingLife) this.life.responds(it.status);
        this.step = 'send';
        return;
      case 'send':
        assert.ok(this.life.index >= 0);
        if (this.life instanceof SendingLife)
          this.life.repeats(it.thrown ? POLICY : undefined, {
            method: it.bytes > 0 ? 'GET' : 'POST',
            whole: it.bytes < 5000,
          });
        return;
      case 'read':
      case 'ask':
      case 'wait':
      case 'send-anew':
        return;
    }
  }
}

const OPTIONS: readonly LifeOptions[] = [
  { limit: 2 },
  { limit: 5, poolLimit: 1, maxRetries: 1, models: [RENAMED] },
  { external: true, failureMode: 'FailOpen', limit: 2 },
  { external: true, endpoints: 1 },
  { steps: withPrefill(), limit: 2 },
  { endpoints: 0, failureMode: 'FailOpen' },
  { limit: 3, ownership: { foreign: now => now % 3, grants: now => now % 7 !== 0 } },
];

for (const permitAt of ['connection', 'pick'] as const)
  test(`permits at the ${permitAt}: whatever happens in whatever order, all is given back, and observers are told once`, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OPTIONS),
        fc.array(happening, { maxLength: 60 }),
        fc.nat({ max: 40 }),
        (options, happenings, burnsAt) => {
          const { parts, target, told, held, fuse, inUse } = lifeBench({ ...options, permitAt });
          if (burnsAt > 0) fuse.calls = burnsAt;
          const lives: Driven[] = [];
          let now = 0;
          for (const it of happenings) {
            now++;
            let driven = lives[it.life];
            if (driven === undefined || driven.life.over) {
              const Life = permitAt === 'pick' ? GatewayLife : SendingLife;
              const life = new Life(parts, ASKS, `${now}`, now);
              life.routed(target);
              driven = new Driven(life);
              lives[it.life] = driven;
            }
            driven.happens(it, now);
            assert.ok(inUse(0) <= (options.limit ?? 9) && inUse(1) <= (options.poolLimit ?? 9));
          }
          for (const driven of lives) driven?.end(now);
          assert.deepEqual(held(), NOTHING_HELD);
          assert.deepEqual(told.ended.length, told.began.length);
          assert.deepEqual(new Set(told.ended), new Set(told.began));
          for (const { verdict, durationMs } of told.ended) {
            assert.notEqual(verdict, 'pending');
            assert.ok(durationMs !== undefined);
          }
          assert.deepEqual(told.faults, []);
        },
      ),
      { numRuns: 1500 },
    );
  });

test('what comes after the end changes nothing', () => {
  const { parts, target, told, held } = lifeBench();
  const life = new SendingLife(parts, ASKS, 'r', 0);
  life.routed(target);
  assert.equal(life.begin(false, 0, 0, undefined, 0), 'decide');
  assert.equal(life.decide(undefined, 0), 'send');
  assert.ok(life.admit(0));
  life.ended(200, 5);
  life.gone(5);
  const before = JSON.stringify(life.decision);
  life.settle(CANCELLED, 6);
  life.left();
  life.faulted(new Error('late'), false);
  life.ended(500, 9);
  life.gone(9);
  assert.equal(JSON.stringify(life.decision), before);
  assert.equal(told.ended.length, 1);
  assert.deepEqual(held(), NOTHING_HELD);
});
