import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BREAKER } from '../endpoints/index.ts';
import { ALL_UNHEALTHY } from './pick-result.ts';
import { NOW, setUp } from './picker-for-test.ts';

test('an open circuit and cooling are filtered; cooling ones come back where nobody else is left', () => {
  const { breaker, fail, pick, explain } = setUp(3);
  fail(0);
  breaker.answered(1, 429, NOW);
  assert.equal(pick(), 2);
  assert.deepEqual(
    explain()?.map(candidate => candidate.removedBy),
    ['circuit-open', 'cooling', undefined],
  );
  breaker.answered(2, 503, NOW);
  assert.notEqual(pick(), 0);
});

test('a half-open endpoint gets one request while others can serve, and all of them where nobody else can', () => {
  const later = NOW + DEFAULT_BREAKER.baseEjectionTimeMs;
  const { breaker, fail, pick, figures } = setUp(2);
  fail(0);
  breaker.failed(1, false, NOW);
  // The other one has much to do, so that the half-open one is preferred.
  figures(1, { waiting: 50, running: 50 }, NOW - later);
  assert.equal(pick({}, [], later), 0);
  for (let i = 0; i < 5; i++) assert.equal(pick({}, [], later), 1);
  breaker.answered(0, 200, later);
  assert.equal(pick({}, [], later), 0);

  const alone = setUp(1);
  alone.fail(0);
  for (let i = 0; i < 5; i++) assert.equal(alone.pick({}, [], later), 0);
});

test('all circuits open and panicThreshold 0: FailClose has none, FailOpen picks among all', () => {
  for (const [failureMode, expected] of [
    ['FailClose', ALL_UNHEALTHY],
    ['FailOpen', 0],
  ] as const) {
    const { fail, pick } = setUp(1, { failureMode }, 1, 0);
    fail(0);
    assert.equal(pick(), expected);
  }
});

test('with fewer than half healthy all are used, as by Envoy', () => {
  const { fail, pick, explain } = setUp(5);
  fail(0);
  fail(1);
  assert.ok(pick() >= 2);
  fail(2);
  assert.ok(pick() >= 0);
  assert.ok(explain()?.every(({ removedBy }) => removedBy === undefined));
});

test('what refused a scrape is left out while another is there, and used when all are so', () => {
  const { health, breaker, pick, explain } = setUp(2);
  health.noteRefused(0);
  for (let i = 0; i < 20; i++) assert.equal(pick(), 1);
  assert.equal(explain()?.[0]?.removedBy, 'refused-scrape');
  breaker.answered(1, 503, NOW);
  assert.equal(pick(), 1, 'one that asked for a pause is there, at least');
  health.noteRefused(1);
  assert.ok(pick() >= 0);
});
