import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BREAKER, HealthTable } from './health.ts';

const policy = { ...DEFAULT_BREAKER, consecutive5xx: 3, baseEjectionTimeMs: 100 };

test('client errors never open it, and they end a row of faults', () => {
  const health = HealthTable.create(1);
  for (const status of [500, 500, 404, 500, 500, 404]) health.recordStatus(0, status, policy, true, 0);
  assert.equal(health.state(0, 0), 'available');
});

test('back-pressure cools, it does not open', () => {
  const health = HealthTable.create(1);
  for (let i = 0; i < 10; i++) health.recordStatus(0, i % 2 === 0 ? 429 : 503, policy, true, 0);
  assert.equal(health.state(0, 0), 'cooling');
  assert.equal(health.state(0, 1000), 'available');
});

test('faults in a row open it; half-open, one more opens it for longer, and an answer to a probe closes it', () => {
  const health = HealthTable.create(1);
  health.recordStatus(0, 502, policy, true, 0);
  health.recordFailure(0, policy, 0);
  assert.equal(health.state(0, 0), 'available');
  health.recordStatus(0, 504, policy, true, 0);
  assert.equal(health.state(0, 99), 'open');
  assert.ok(!health.isAvailable(0, 99));
  assert.equal(health.state(0, 100), 'half-open');
  health.recordFailure(0, policy, 100);
  assert.equal(health.state(0, 299), 'open');
  health.recordProbe(0, 299);
  assert.equal(health.state(0, 299), 'open');
  health.recordProbe(0, 300);
  assert.equal(health.state(0, 300), 'available');
});

test('an endpoint whose probes fail is out until they succeed', () => {
  const health = HealthTable.create(2);
  health.setProbed(1, false);
  assert.equal(health.state(1, 0), 'probe-failed');
  assert.equal(health.state(0, 0), 'available');
  health.setProbed(1, true);
  assert.equal(health.state(1, 0), 'available');
});
