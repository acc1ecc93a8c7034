import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDecision } from './decision.ts';

test('a pick: the best candidate first, scores and what removed the others', () => {
  const text = formatDecision({
    requestId: 'r1',
    atMs: 0,
    pool: 'default/pool',
    model: 'm',
    criticality: 'Critical',
    verdict: 'picked',
    endpoint: '127.0.0.3:8000',
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
Pool:        default/pool
Model:       m
Criticality: Critical
Verdict:     picked 127.0.0.3:8000
Runner-up:   127.0.0.2:8000
Permit:      granted by route

CANDIDATE        REMOVED BY   IN FLIGHT   RUNNING   WAITING   KV CACHE   METRICS AGE   QUEUE      TOTAL
127.0.0.3:8000   -            0           0         0         0.0%       80ms          1.00 × 1   1.00
127.0.0.2:8000   -            3           3         1         50.0%      120ms         0.25 × 1   0.25
127.0.0.4:8000   cooling      0           -         -         -          never         -          -
`,
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
  assert.match(text, /Permit: {6}refused by maxParallelRequests of route, 1 of 1 in use\n$/);
});
