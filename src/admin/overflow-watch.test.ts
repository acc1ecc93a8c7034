import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OverflowWatch } from './overflow-watch.ts';

const counts = (maxParallelRequests: number, limit = 1) => [
  {
    scope: 'route',
    limits: [{ name: 'maxParallelRequests', inUse: 0, limit, refused: maxParallelRequests }],
  },
];

test('one event for all that was refused since the last look', () => {
  const watch = new OverflowWatch();
  assert.deepEqual(watch.next(counts(0)), []);
  assert.deepEqual(watch.next(counts(7)), [
    { type: 'overflow', scope: 'route', limit: 'maxParallelRequests', refused: 7, threshold: 1 },
  ]);
  assert.deepEqual(watch.next(counts(7)), []);
});

test('a scope that was made anew starts at zero', () => {
  const watch = new OverflowWatch();
  watch.next(counts(7));
  const [event] = watch.next(counts(2));
  assert.ok(event?.type === 'overflow' && event.refused === 2);
});

test('a limit that was changed since is not named by its new value', () => {
  const watch = new OverflowWatch();
  watch.next(counts(0, 0));
  assert.deepEqual(watch.next(counts(2, 1024)), [
    { type: 'overflow', scope: 'route', limit: 'maxParallelRequests', refused: 2, threshold: undefined },
  ]);
});
