import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDecision } from './printed-decision.ts';

test('a pick: the best candidate first, scores and what removed the others', () => {
  const text = formatDecision({
    requestId: 'r1',
    atMs: 0,
    route: 'route/0',
    cluster: 'cluster',
    pool: 'default/pool',
    model: 'm',
    targetModel: 'm-1',
    tries: [{ endpoint: '127.0.0.4:8000', outcome: 'reset' }],
    status: 200,
    durationMs: 12,
    criticality: 'Critical',
    verdict: 'picked',
    endpoint: '127.0.0.3:8000',
    others: [{ role: 'prefill', endpoint: '127.0.0.5:8000' }],
    runnerUp: '127.0.0.2:8000',
    permit: { scope: 'route', granted: true },
    candidates: [
      {
        endpoint: '127.0.0.2:8000',
        inFlight: 3,
        metrics: { running: 3, waiting: 1, kvCacheUsage: 0.5, ageMs: 120 },
        scores: [{ scorer: 'queue', score: 0.25, weight: 1 }],
        total: 0.25,
      },
      { endpoint: '127.0.0.4:8000', removedBy: 'cooling', inFlight: 0, scores: [] },
      {
        endpoint: '127.0.0.3:8000',
        inFlight: 0,
        metrics: { running: 0, waiting: 0, kvCacheUsage: 0, ageMs: 80 },
        scores: [{ scorer: 'queue', score: 1, weight: 1 }],
        total: 1,
      },
    ],
  });
  assert.equal(
    text,
    `Request:     r1
Time:        1970-01-01T00:00:00.000Z
Route:       route/0
Backend:     cluster
Pool:        default/pool
Model:       m, sent as m-1
Criticality: Critical
Verdict:     picked 127.0.0.3:8000
Beside it:   prefill 127.0.0.5:8000
Runner-up:   127.0.0.2:8000
Permit:      granted by route
Tried:       127.0.0.4:8000: reset
Answer:      200 after 12 ms

CANDIDATE        REMOVED BY   IN FLIGHT   RUNNING   WAITING   KV CACHE   METRICS AGE   QUEUE      TOTAL
127.0.0.3:8000   -            0           0         0         0.0%       80ms          1.00 × 1   1.00
127.0.0.2:8000   -            3           3         1         50.0%      120ms         0.25 × 1   0.25
127.0.0.4:8000   cooling      0           -         -         -          never         -          -
`,
  );
});

test('what Envoy did, where it has said so', () => {
  const decision = { requestId: 'r3', atMs: 0, verdict: 'picked', endpoint: '127.0.0.1:1', candidates: [] };
  const said = { status: 200, flags: [], details: 'via_upstream', upstream: '127.0.0.1:1', attempts: 1 };
  const figures = { durationMs: 1234.56, firstByteMs: 12.34, requestBytes: 60, responseBytes: 1000 };
  assert.match(
    formatDecision({ ...decision, envoy: { ...said, ...figures } }),
    /\nEnvoy: {7}200 \(via_upstream\) from 127\.0\.0\.1:1\nTook: {8}1234\.6 ms, first byte after 12\.3 ms; 60 bytes in, 1000 bytes out\n$/,
  );
  const { upstream: _, ...nobody } = said;
  const envoy = {
    ...nobody,
    ...{ status: 0, flags: ['UF', 'DC'], details: 'x', attempts: 3, failure: 'refused' },
    ...{ durationMs: 1, requestBytes: 0, responseBytes: 0 },
  };
  assert.match(
    formatDecision({ ...decision, envoy }),
    /\nEnvoy: {7}no answer UF DC \(x\) nobody asked\nTook: {8}1\.0 ms, 3 attempts; 0 bytes in, 0 bytes out\nFailure: {5}refused\n$/,
  );
});

test('a refusal says which limit', () => {
  const text = formatDecision({
    requestId: 'r2',
    atMs: 0,
    verdict: 'overflow',
    permit: { scope: 'route', granted: false, limit: 'maxParallelRequests', inUse: 1, max: 1 },
    candidates: [],
  });
  assert.match(
    text,
    /Permit: {6}refused by maxParallelRequests of route, 1 of 1 in use\nAnswer: {6}not yet\n$/,
  );
});
