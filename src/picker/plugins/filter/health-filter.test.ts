import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterBreaker, DEFAULT_BREAKER } from '../../../endpoints/index.ts';
import { inputForTest, NOW_MS, reasonsOf } from '../input-for-test.ts';
import { healthFilter } from './health-filter.ts';

function setUp(count: number, panicThresholdPercent: number) {
  const input = inputForTest(count, { panicThresholdPercent });
  const settings = { ...DEFAULT_BREAKER, maxEjectionPercent: 100 };
  const breaker = new ClusterBreaker(input.health, input.slots, settings, true);
  const open = (slot: number) => {
    for (let i = 0; i < DEFAULT_BREAKER.consecutiveLocalOriginFailures; i++)
      breaker.failed(slot, false, NOW_MS);
  };
  return { input, breaker, open };
}

test('each reason has its name', () => {
  const { input, breaker, open } = setUp(5, 0);
  open(0);
  breaker.answered(1, 503, NOW_MS);
  input.health.noteRefused(2);
  assert.deepEqual(reasonsOf(healthFilter, input), ['circuit-open', 'cooling', 'refused-scrape', '', '']);
});

test('one whose breaker is half-open is taken away while another request tries it', () => {
  const { input, breaker, open } = setUp(2, 0);
  open(0);
  const nowMs = NOW_MS + DEFAULT_BREAKER.baseEjectionTimeMs;
  breaker.sent(0, nowMs);
  assert.deepEqual(reasonsOf(healthFilter, { ...input, nowMs }), ['circuit-half-open', '']);
});

test('with too few healthy ones nobody is taken away for an open circuit', () => {
  const { input, open } = setUp(4, 50);
  for (const slot of [0, 1]) open(slot);
  assert.deepEqual(reasonsOf(healthFilter, input), ['circuit-open', 'circuit-open', '', '']);
  open(2);
  assert.deepEqual(reasonsOf(healthFilter, input), ['', '', '', '']);
});

test('where all are out, those that cool come back first, and then those that refused a scrape', () => {
  const { input, breaker, open } = setUp(3, 0);
  open(0);
  input.health.noteRefused(1);
  breaker.answered(2, 429, NOW_MS);
  assert.deepEqual(reasonsOf(healthFilter, input), ['circuit-open', 'refused-scrape', '']);
  open(2);
  assert.deepEqual(reasonsOf(healthFilter, input), ['circuit-open', '', 'circuit-open']);
  open(1);
  assert.deepEqual(reasonsOf(healthFilter, input), ['circuit-open', 'circuit-open', 'circuit-open']);
});
