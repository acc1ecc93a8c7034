import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetryPolicy } from '../../../plan/index.ts';
import { retryPolicy } from './retry-message.ts';

const NOTHING_SENT = 'connect-failure,refused-stream,reset-before-request';
const retry: RetryPolicy = { attempts: 2, statusCodes: [], on: [], backoffBaseMs: 25, backoffMaxMs: 250 };

test('statuses are a condition of their own; a time-out of a try is a reset for Envoy', () => {
  assert.equal(retryPolicy({ ...retry, on: ['connect-failure'] }, {}).retryOn, NOTHING_SENT);
  assert.equal(
    retryPolicy({ ...retry, on: ['timeout', 'reset'], statusCodes: [503] }, {}).retryOn,
    `reset,${NOTHING_SENT},retriable-status-codes`,
  );
});

test("a try has the route's time-out, else the policy's, else none", () => {
  const seconds = (policy: RetryPolicy, backendRequestMs?: number) =>
    retryPolicy(policy, backendRequestMs === undefined ? {} : { backendRequestMs }).perTryTimeout?.seconds;
  assert.equal(seconds({ ...retry, perTryTimeoutMs: 2000 }, 1000), 1n);
  assert.equal(seconds({ ...retry, perTryTimeoutMs: 2000 }), 2n);
  assert.equal(seconds(retry), undefined);
  assert.equal(seconds({ ...retry, perTryTimeoutMs: 2000 }, 0), undefined);
});
