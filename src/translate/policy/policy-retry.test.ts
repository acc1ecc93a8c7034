import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryOfPolicy, retryOfRule } from './policy-retry.ts';

function ofPolicy(retry: Parameters<typeof retryOfPolicy>[0]) {
  const errors: string[] = [];
  return { retry: retryOfPolicy(retry, errors), errors };
}

test('the defaults are Envoy Gateway’s', () => {
  assert.deepEqual(ofPolicy({}).retry, {
    attempts: 2,
    statusCodes: [503],
    on: ['connect-failure', 'refused-stream'],
    backoffBaseMs: 25,
    backoffMaxMs: 250,
  });
  assert.deepEqual(retryOfRule({}, undefined), ofPolicy({}).retry);
});

test('status codes count only with their trigger', () => {
  const withTrigger = ofPolicy({
    retryOn: { triggers: ['retriable-status-codes'], httpStatusCodes: [503, 429, 503] },
  }).retry;
  assert.deepEqual([withTrigger?.on, withTrigger?.statusCodes], [[], [429, 503]]);
  const without = ofPolicy({ retryOn: { triggers: ['reset'], httpStatusCodes: [503] } }).retry;
  assert.deepEqual([without?.on, without?.statusCodes], [['reset', 'timeout'], []]);
  const codesAlone = ofPolicy({ retryOn: { httpStatusCodes: [500] } }).retry;
  assert.deepEqual([codesAlone?.on, codesAlone?.statusCodes], [['connect-failure', 'refused-stream'], [500]]);
});

test('0 retries is none: nor is a refused connection tried elsewhere, as it is without a policy', () => {
  assert.equal(ofPolicy({ numRetries: 0 }).retry?.attempts, 0);
});

test('intervals that make no sense are named in Envoy Gateway’s words', () => {
  const backOff = (baseInterval: string, maxInterval: string) =>
    ofPolicy({ perRetry: { backOff: { baseInterval, maxInterval } } }).errors;
  assert.deepEqual(backOff('0s', '1s'), ['Retry: baseInterval cannot be set to 0s']);
  assert.deepEqual(backOff('1s', '0s'), ['Retry: maxInterval cannot be set to 0s']);
  assert.deepEqual(backOff('2s', '1s'), ['Retry: maxInterval cannot be less than baseInterval']);
  assert.deepEqual(backOff('1s', '1s'), []);
});

test('an HTTPRoute’s backendRequest bounds each try, and its timeout is retried', () => {
  const retry = retryOfRule({ attempts: 3, codes: [500], backoff: '100ms' }, '2s');
  assert.deepEqual(retry, {
    attempts: 3,
    statusCodes: [500],
    on: ['connect-failure', 'refused-stream', 'timeout'],
    backoffBaseMs: 100,
    backoffMaxMs: 1000,
    perTryTimeoutMs: 2000,
  });
});
