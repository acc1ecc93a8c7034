import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_PROXY_LIMITS } from '../../defaults.ts';
import { bodyIsLate } from './body-pace.ts';

const { maxBodyMs, bodyTimeoutMs, bodyIdleTimeoutMs } = DEFAULT_PROXY_LIMITS;
const late = (bytes: number, openMs: number, { quietMs = 0, answered = false } = {}) =>
  bodyIsLate(bytes, quietMs, openMs, answered, DEFAULT_PROXY_LIMITS);

test('a body has a latest end, however fast and steadily it comes', () => {
  assert.equal(maxBodyMs, 600_000);
  for (const bytes of [1e9, 1e12, Number.MAX_SAFE_INTEGER]) {
    assert.equal(late(bytes, maxBodyMs), false);
    assert.equal(late(bytes, maxBodyMs + 1), true);
  }
});

test('before that it may take a minute, and a millisecond more for each byte that has come', () => {
  assert.equal(late(0, bodyTimeoutMs), false);
  assert.equal(late(0, bodyTimeoutMs + 1), true);
  assert.equal(late(1000, bodyTimeoutMs + 1000), false);
  assert.equal(late(1000, bodyTimeoutMs + 1001), true);
});

test('while its answer goes out it has no latest end, but must not stall', () => {
  assert.equal(late(1, 100 * maxBodyMs, { answered: true }), false);
  assert.equal(late(1, 1, { answered: true, quietMs: bodyIdleTimeoutMs + 1 }), true);
});
