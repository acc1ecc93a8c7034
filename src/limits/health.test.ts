import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterBreaker } from './breaker.ts';
import { DEFAULT_BREAKER, HealthTable } from './health.ts';

const policy = { ...DEFAULT_BREAKER, consecutive5xx: 3, baseEjectionTimeMs: 100 };

test('client errors never open it, and they end a row of faults', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  for (const status of [500, 500, 404, 500, 500, 404]) breaker.answered(0, status, 0);
  assert.equal(health.state(0, 0), 'available');
});

test('back-pressure cools, it does not open', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  for (let i = 0; i < 10; i++) breaker.answered(0, i % 2 === 0 ? 429 : 503, 0);
  assert.equal(health.state(0, 0), 'cooling');
  assert.equal(health.state(0, 1000), 'available');
});

test('faults in a row open it; half-open, one more opens it for longer, and an answer to a probe closes it', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  breaker.answered(0, 502, 0);
  breaker.failed(0, false, 0);
  assert.equal(health.state(0, 0), 'available');
  breaker.answered(0, 504, 0);
  assert.equal(health.state(0, 99), 'open');
  assert.ok(!health.isAvailable(0, 99));
  assert.equal(health.state(0, 100), 'half-open');
  breaker.failed(0, false, 100);
  assert.equal(health.state(0, 299), 'open');
  // That a scrape is answered says little of an endpoint that opened for its answers, unless nobody tries it.
  health.recordProbe(0, 300);
  assert.equal(health.state(0, 300), 'half-open');
  health.recordProbe(0, 5301);
  assert.equal(health.state(0, 5301), 'available');
});

test('an endpoint whose probes fail is out until they succeed', () => {
  const health = HealthTable.create(2);
  health.setProbed(1, false);
  assert.equal(health.state(1, 0), 'probe-failed');
  assert.equal(health.state(0, 0), 'available');
  health.setProbed(1, true);
  assert.equal(health.state(1, 0), 'available');
});

test('no more are open at once than maxEjectionPercent allows, but one may always be', () => {
  for (const [maxEjectionPercent, most] of [
    [10, 1],
    [50, 2],
    [100, 4],
  ] as const) {
    const health = HealthTable.create(4);
    const breaker = new ClusterBreaker(health, [0, 1, 2, 3], { ...policy, maxEjectionPercent }, false);
    for (let i = 0; i < 4; i++) for (let fault = 0; fault < 3; fault++) breaker.failed(i, false, 0);
    const open = [0, 1, 2, 3].filter(i => health.state(i, 0) === 'open');
    assert.equal(open.length, most, `${maxEjectionPercent}%`);
  }
});

test('an endpoint that could not be reached is back with its first answer to a scrape', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  for (let i = 0; i < 3; i++) breaker.failed(0, true, 0);
  assert.equal(health.state(0, 1), 'open');
  health.recordProbe(0, 1);
  assert.equal(health.state(0, 1), 'available');
});

test('half-open, one request at a time is let through, and a trial without an outcome does not block for ever', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  for (let i = 0; i < 3; i++) breaker.answered(0, 500, 0);
  assert.ok(health.isAvailable(0, 100));
  breaker.sent(0, 100);
  assert.ok(!health.isAvailable(0, 101));
  assert.ok(health.isAvailable(0, 10_100));
  breaker.answered(0, 200, 10_100);
  assert.equal(health.state(0, 10_100), 'available');
});
