import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutlierDetection } from '../plan/index.ts';
import { ClusterBreaker } from './breaker.ts';
import { DEFAULT_BREAKER, HealthTable } from './health-table.ts';

const policy: OutlierDetection = {
  intervalMs: 1000,
  baseEjectionTimeMs: 100,
  maxEjectionPercent: 100,
  consecutive5xx: 3,
  consecutiveGatewayErrors: 0,
  consecutiveLocalOriginFailures: 5,
  splitExternalLocalOriginErrors: false,
};

test('client errors never open it, and they end a row of faults', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  for (const status of [500, 500, 404, 500, 500, 404]) breaker.answered(0, status, 0);
  assert.equal(health.state(0, 0), 'available');
});

test('back-pressure cools, it does not open', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], policy, true);
  for (let i = 0; i < 12; i++) breaker.answered(0, [429, 503, 529][i % 3] as number, 0);
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

test('without a policy no answer opens it, whatever its status: the requests of one client must not take the pool from all', () => {
  const health = HealthTable.create(3);
  const breaker = new ClusterBreaker(health, [0, 1, 2], DEFAULT_BREAKER, true);
  for (const status of [500, 501, 502, 504, 505, 507, 511, 599])
    for (let i = 0; i < 20; i++) breaker.answered(i % 3, status, 0);
  assert.deepEqual(
    [0, 1, 2].map(slot => health.state(slot, 0)),
    ['available', 'available', 'available'],
  );
});

test('without a policy at most half are out for what could not be reached, and never the last one', () => {
  for (const [count, most] of [
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
  ] as const) {
    const health = HealthTable.create(count);
    const slots = Array.from({ length: count }, (_, i) => i);
    const breaker = new ClusterBreaker(health, slots, DEFAULT_BREAKER, true);
    for (const slot of slots) for (let i = 0; i < 20; i++) breaker.failed(slot, i % 2 === 0, 0);
    assert.equal(slots.filter(slot => health.state(slot, 0) === 'open').length, most, `of ${count}`);
  }
});

test('an answer of any status ends a row of connections that failed', () => {
  const health = HealthTable.create(2);
  const breaker = new ClusterBreaker(health, [0, 1], DEFAULT_BREAKER, true);
  for (let i = 0; i < 20; i++) {
    breaker.failed(0, true, 0);
    if (i % 4 === 3) breaker.answered(0, i % 8 === 3 ? 500 : 503, 0);
  }
  assert.notEqual(health.state(0, 2000), 'open');
});

test('half-open after it could not be reached, an endpoint that answers 500 is there again', () => {
  const health = HealthTable.create(2);
  const breaker = new ClusterBreaker(health, [0, 1], DEFAULT_BREAKER, true);
  for (let i = 0; i < 5; i++) breaker.failed(0, true, 0);
  assert.equal(health.state(0, 0), 'open');
  breaker.answered(0, 500, 5000);
  assert.equal(health.state(0, 5000), 'available');
});

test('what refused a scrape is out until anything of it answers', () => {
  const health = HealthTable.create(1);
  const breaker = new ClusterBreaker(health, [0], DEFAULT_BREAKER, true);
  health.noteRefused(0);
  assert.equal(health.state(0, 0), 'refused');
  assert.ok(!health.isAvailable(0, 0));
  health.recordProbe(0, 0);
  assert.equal(health.state(0, 0), 'available');
  health.noteRefused(0);
  breaker.answered(0, 500, 0);
  assert.equal(health.state(0, 0), 'available');
});
