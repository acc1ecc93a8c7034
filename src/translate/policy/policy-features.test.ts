import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresOf } from './policy-features.ts';

test('an empty policy asks for nothing', () => {
  assert.deepEqual(featuresOf({}), {});
});

test('thresholds are filled up with the defaults', () => {
  assert.deepEqual(featuresOf({ circuitBreaker: { maxParallelRequests: 1 } }).thresholds, {
    maxConnections: 1024,
    maxPendingRequests: 1024,
    maxParallelRequests: 1,
    maxParallelRetries: 1024,
    maxRequestsPerConnection: 0,
  });
  const retryBudget = { percent: { numerator: 1, denominator: 4 } };
  const { thresholds } = featuresOf({ circuitBreaker: { perEndpoint: {}, retryBudget } });
  assert.equal(thresholds?.maxConnectionsPerEndpoint, 1024);
  assert.deepEqual(thresholds?.retryBudget, { percent: 25, minRetryConcurrency: 3 });
});

test('0 of maxConnectionDuration is no bound, of the others it is 0', () => {
  const timeout = {
    http: { maxConnectionDuration: '0s', connectionIdleTimeout: '0s', requestTimeout: '0s' },
  };
  assert.deepEqual(featuresOf({ timeout }), { idleTimeoutMs: 0, requestTimeoutMs: 0 });
});

test('a buffer that Envoy could not have is an error', () => {
  assert.deepEqual(featuresOf({ requestBuffer: { limit: '1Mi' } }), { requestBufferLimitBytes: 1_048_576 });
  assert.match(
    featuresOf({ requestBuffer: { limit: '5Gi' } }).error ?? '',
    /^invalid spec\.requestBuffer\.limit: must be from 1 to 4294967295 bytes, got "5Gi"$/,
  );
});

test('a fault without a status that HTTP knows is none', () => {
  assert.deepEqual(featuresOf({ faultInjection: { abort: { httpStatus: 503 } } }).fault, {
    abort: { status: 503, percentage: 100 },
  });
  assert.deepEqual(featuresOf({ faultInjection: { abort: { grpcStatus: 14 } } }).fault, {});
  // The CRD has no bounds for percentages.
  const delay = { fixedDelay: '1s', percentage: 120 };
  assert.deepEqual(
    featuresOf({ faultInjection: { delay, abort: { httpStatus: 503, percentage: -1 } } }).fault,
    {
      delay: { fixedMs: 1000, percentage: 100 },
      abort: { status: 503, percentage: 0 },
    },
  );
});
