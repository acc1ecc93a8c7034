import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeSpecs } from './policy-merge.ts';

test('objects field by field, lists as a whole, targets not at all', () => {
  const parent = {
    targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gw' }],
    timeout: { http: { requestTimeout: '30s' }, tcp: { connectTimeout: '1s' } },
    retry: { retryOn: { httpStatusCodes: [500, 502] } },
  };
  const child = {
    targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }],
    mergeType: 'JSONMerge' as const,
    timeout: { http: { requestTimeout: '1s' } },
    retry: { retryOn: { httpStatusCodes: [503] } },
  };
  const before = structuredClone(parent);
  assert.deepEqual(mergeSpecs(parent, child), {
    timeout: { http: { requestTimeout: '1s' }, tcp: { connectTimeout: '1s' } },
    retry: { retryOn: { httpStatusCodes: [503] } },
  });
  assert.deepEqual(parent, before);
});
