import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldName } from '../problem.ts';
import { fieldsThatRestrict, fieldsWithoutEffect, fieldsWithoutEffectOnPool } from './policy-no-effect.ts';

const names = (fields: ReturnType<typeof fieldsWithoutEffect>) => fields.map(({ path }) => fieldName(path));

test('what Breakwater implements is not named', () => {
  const spec = {
    loadBalancer: { type: 'LeastRequest' as const },
    circuitBreaker: { maxConnections: 1, perEndpoint: { maxConnections: 1 } },
    httpUpgrade: [{ type: 'websocket' }],
    retry: { retryOn: { triggers: ['reset' as const] } },
    routingType: 'Endpoint' as const,
    faultInjection: { abort: { httpStatus: 503 } },
    healthCheck: { passive: { alwaysEjectOneEndpoint: false } },
  };
  assert.deepEqual(names(fieldsWithoutEffect(spec)), []);
});

test('what it does not is named with its path', () => {
  const spec = {
    loadBalancer: { type: 'Random' as const },
    httpUpgrade: [{ type: 'websocket' }, { type: 'CONNECT' }],
    retry: { retryOn: { triggers: ['reset' as const, 'unavailable' as const], httpStatusCodes: [503] } },
  };
  assert.deepEqual(names(fieldsWithoutEffect(spec)), [
    'spec.loadBalancer',
    'spec.httpUpgrade[1]',
    'spec.retry.retryOn.triggers[1]',
    'spec.retry.retryOn.httpStatusCodes',
  ]);
});

test('a field that asks for nothing is no field', () => {
  const spec = { useClientProtocol: false, compressor: [], responseOverride: [] };
  assert.deepEqual(names(fieldsWithoutEffect(spec)), []);
  assert.deepEqual(names(fieldsWithoutEffect({ useClientProtocol: true, compressor: [{ type: 'Gzip' }] })), [
    'spec.useClientProtocol',
    'spec.compressor',
  ]);
});

test('on a pool only the limits over all routes count; defaults of the API are not held against the author', () => {
  const spec = {
    circuitBreaker: {
      maxParallelRequests: 1,
      maxPendingRequests: 1,
      maxConnections: 1024,
      maxParallelRetries: 2,
    },
    timeout: { tcp: { connectTimeout: '1s' } },
  };
  assert.deepEqual(names(fieldsWithoutEffectOnPool(spec)), [
    'spec.circuitBreaker.maxParallelRetries',
    'spec.timeout',
  ]);
});

test('on a pool a limit of connections restricts where it is tighter than that of requests', () => {
  const restricting = (circuitBreaker: object) => names(fieldsThatRestrict({ circuitBreaker }, 'pool'));
  assert.deepEqual(restricting({ maxConnections: 8, maxParallelRequests: 8 }), []);
  assert.deepEqual(restricting({ maxConnections: 8 }), ['spec.circuitBreaker.maxConnections']);
  assert.deepEqual(restricting({ perEndpoint: { maxConnections: 1024 } }), []);
  assert.deepEqual(restricting({ perEndpoint: { maxConnections: 2 } }), ['spec.circuitBreaker.perEndpoint']);
  assert.deepEqual(names(fieldsWithoutEffectOnPool({ circuitBreaker: { maxConnections: 2000 } })), [
    'spec.circuitBreaker.maxConnections',
  ]);
});
