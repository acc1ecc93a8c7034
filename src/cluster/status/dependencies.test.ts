import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withheldKinds } from './dependencies.ts';

test('what says nothing of a kind goes on without it', () => {
  assert.deepEqual([...withheldKinds([])], []);
  assert.deepEqual([...withheldKinds(['Secret'])], ['Gateway']);
  assert.deepEqual([...withheldKinds(['Pod'])], []);
  assert.deepEqual([...withheldKinds(['Backend', 'InferenceModel'])], ['HTTPRoute', 'InferenceModel']);
});

test('without Gateways or classes nothing can be said of what is attached to them', () => {
  const pools = ['InferencePoolV1', 'InferencePoolV1Alpha2'];
  const attached = ['Gateway', 'HTTPRoute', ...pools, 'BackendTrafficPolicy', 'BackendTLSPolicy'];
  assert.deepEqual([...withheldKinds(['Gateway'])], attached);
  assert.deepEqual([...withheldKinds(['GatewayClass'])], ['GatewayClass', ...attached]);
});
