import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EndpointTable } from '../../endpoints/index.ts';
import { PredecessorRequests } from './predecessor-requests.ts';
import { ARRIVAL_MS, type SentRequest, SentRequests } from './sent-requests.ts';

const SINCE_MS = 1000;
const UNTIL_MS = 100_000;
/** What was asked from here on has all in it that others had let go. */
const ARRIVED_MS = SINCE_MS + ARRIVAL_MS;

function scene(...slots: number[]) {
  const table = EndpointTable.create(1, 4);
  const requests = new SentRequests();
  const times = { sinceMs: SINCE_MS, untilMs: UNTIL_MS };
  const grace = new PredecessorRequests(table, Int32Array.from(slots), requests, times);
  const says = (slot: number, atMs: number, running: number, waiting = 0) => {
    const adapters = { runningAdapters: [], waitingAdapters: [], maxAdapters: 0 };
    const figures = { running, waiting, kvCacheUsage: 0, modelName: 'm', ...adapters };
    table.setFigures(slot, figures, { inFlight: 0, atMs }, atMs + 1);
  };
  return { requests, grace, says };
}

test('what model servers report beyond our own requests counts, until there is none', () => {
  const { requests, grace, says } = scene(0, 1);
  assert.equal(grace.foreign(SINCE_MS), 0);
  says(0, SINCE_MS, 2, 1);
  assert.equal(grace.foreign(SINCE_MS + 1), 3);
  says(1, SINCE_MS, 1);
  assert.equal(grace.foreign(SINCE_MS + 1), 4);
  requests.add(0, SINCE_MS + 2).answeredAtMs = SINCE_MS + 3;
  says(0, ARRIVED_MS, 2);
  assert.equal(grace.foreign(ARRIVED_MS + 1), 2);
  says(0, ARRIVED_MS + 200, 1);
  says(1, ARRIVED_MS + 200, 0);
  assert.equal(grace.foreign(ARRIVED_MS + 201), 0);
  // From here on only our own requests count, whatever others send there.
  says(1, ARRIVED_MS + 400, 9);
  assert.equal(grace.foreign(ARRIVED_MS + 401), 0);
});

test('a request of ours that may still be on its way does not hide one of others', () => {
  const { requests, grace, says } = scene(0);
  says(0, ARRIVED_MS, 1);
  assert.equal(grace.foreign(ARRIVED_MS + 1), 1);
  const own = requests.add(0, ARRIVED_MS + 190);
  says(0, ARRIVED_MS + 200, 1);
  assert.equal(grace.foreign(ARRIVED_MS + 201), 1, 'the one that it has is not ours');
  // It answers after the server was asked: then it may not have been there.
  own.answeredAtMs = ARRIVED_MS + 401;
  says(0, ARRIVED_MS + 400, 2);
  assert.equal(grace.foreign(ARRIVED_MS + 402), 1);
  says(0, ARRIVED_MS + 600, 1);
  assert.equal(grace.foreign(ARRIVED_MS + 601), 0);
});

test('what others had let go may still arrive for a while', () => {
  const { grace, says } = scene(0);
  says(0, SINCE_MS, 0);
  assert.equal(grace.foreign(SINCE_MS + 1), 0);
  says(0, SINCE_MS + 200, 1);
  assert.equal(grace.foreign(SINCE_MS + 201), 1);
});

test('it ends with its time, also where somebody else uses the model servers', () => {
  const { grace, says } = scene(0);
  says(0, ARRIVED_MS, 5);
  assert.equal(grace.foreign(UNTIL_MS - 1), 5);
  assert.equal(grace.foreign(UNTIL_MS), 0);
});

/** What happens at a model server, in the order of time: each step is 100 ms. */
const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), steps: fc.nat(9), answers: fc.boolean() }),
  fc.record({ do: fc.constantFrom('end-own' as const, 'end-foreign' as const, 'look' as const) }),
  fc.constant({ do: 'look' as const }),
);

test('it is never less than what others have there, however long requests are on their way', () => {
  fc.assert(
    fc.property(fc.nat(4), fc.array(step, { maxLength: 60 }), (others, steps) => {
      const { requests, grace, says } = scene(0);
      let foreign = others;
      const own: { request: SentRequest; arrivesAtMs: number; answers: boolean }[] = [];
      steps.forEach((event, index) => {
        const nowMs = SINCE_MS + 100 * index;
        for (const { request, arrivesAtMs, answers } of own)
          if (answers && arrivesAtMs < nowMs && request.answeredAtMs > nowMs) request.answeredAtMs = nowMs;
        if (event.do === 'send') {
          const arrivesAtMs = nowMs + 100 * event.steps;
          own.push({ request: requests.add(0, nowMs), arrivesAtMs, answers: event.answers });
        } else if (event.do === 'end-own') {
          const ended = own.shift();
          if (ended !== undefined) requests.delete(ended.request);
        } else if (event.do === 'end-foreign') foreign = Math.max(0, foreign - 1);
        says(0, nowMs, foreign + own.filter(({ arrivesAtMs }) => arrivesAtMs <= nowMs).length);
        assert.ok(grace.foreign(nowMs + 1) >= foreign, `step ${index}`);
      });
    }),
    { numRuns: 2000 },
  );
});
