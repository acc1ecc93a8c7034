import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/index.ts';
import { isReady } from './pod-index.ts';

function pod(status: NonNullable<Pod['status']>, deletionTimestamp?: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'a',
      namespace: 'default',
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { containers: [] },
    status,
  };
}

test('a Pod with an address is ready unless its status says otherwise', () => {
  const podIP = '10.0.0.1';
  const condition = (type: string, status: 'True' | 'False') => ({ podIP, conditions: [{ type, status }] });
  assert.ok(isReady(pod({ podIP })));
  assert.ok(isReady(pod({ podIP, phase: 'Running' })));
  assert.ok(isReady(pod(condition('Ready', 'True'))));
  assert.ok(isReady(pod(condition('PodScheduled', 'True'))));
  assert.ok(!isReady(pod(condition('Ready', 'False'))));
  assert.ok(!isReady(pod({})));
  assert.ok(!isReady(pod({ podIP, phase: 'Failed' })));
  assert.ok(!isReady(pod({ podIP, phase: 'Succeeded' })));
  assert.ok(!isReady(pod({ podIP }, '2025-01-01T00:00:00Z')));
});
