import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Thresholds } from '../plan/index.ts';
import type { LimitCounts } from '../plane/index.ts';
import { OverflowWatch } from './overflow-watch.ts';

const THRESHOLDS: Thresholds = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxParallelRequests: 1,
  maxParallelRetries: 3,
  maxRequestsPerConnection: 0,
};

const plan = (thresholds: Partial<Thresholds> = {}) => ({
  limits: [{ name: 'route', thresholds: { ...THRESHOLDS, ...thresholds } }],
});
const PLAN = plan();

const counts = (overflow: Record<string, number>): LimitCounts[] => [
  { scope: 'route', active: 0, pending: 0, connections: 0, retries: 0, overflow },
];
const refused = (maxParallelRequests: number) => counts({ maxParallelRequests });

test('one event for all that was refused since the last look', () => {
  const watch = new OverflowWatch();
  assert.deepEqual(watch.next(PLAN, refused(0)), []);
  assert.deepEqual(watch.next(PLAN, refused(7)), [
    { type: 'overflow', scope: 'route', limit: 'maxParallelRequests', refused: 7, threshold: 1 },
  ]);
  assert.deepEqual(watch.next(PLAN, refused(7)), []);
});

test('what was refused before the first look is told too', () => {
  const [event] = new OverflowWatch().next(PLAN, refused(2));
  assert.ok(event?.type === 'overflow' && event.refused === 2 && event.threshold === 1);
});

test('a scope that was made anew starts at zero', () => {
  const watch = new OverflowWatch();
  watch.next(PLAN, refused(7));
  const [event] = watch.next(PLAN, refused(2));
  assert.ok(event?.type === 'overflow' && event.refused === 2);
});

test('a limit that was changed since is not named by its new value', () => {
  const watch = new OverflowWatch();
  watch.next(plan({ maxParallelRequests: 0 }), refused(0));
  const changed = plan({ maxParallelRequests: 1024 });
  assert.deepEqual(watch.next(changed, refused(2)), [
    { type: 'overflow', scope: 'route', limit: 'maxParallelRequests', refused: 2, threshold: undefined },
  ]);
  const [event] = watch.next(changed, refused(3));
  assert.ok(event?.type === 'overflow' && event.threshold === 1024);
});

test('a budget of retries has no number', () => {
  const budget = plan({ retryBudget: { percent: 20, minRetryConcurrency: 3 } });
  const [event] = new OverflowWatch().next(budget, counts({ maxParallelRetries: 1 }));
  assert.ok(event?.type === 'overflow' && event.refused === 1 && event.threshold === undefined);
});
