import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KnownKind, type KubeObject } from '../../api/index.ts';
import { withheldKinds } from './dependencies.ts';

const withheld = (unreadable: readonly KnownKind[], objects: readonly object[] = []) =>
  withheldKinds(buildResourceSet(objects.map(object => ({ object: object as KubeObject }))), unreadable);

test('what says nothing of a kind goes on without it', () => {
  assert.deepEqual([...withheld([])], []);
  assert.deepEqual([...withheld(['Secret'])], ['Gateway', 'ListenerSet']);
  assert.deepEqual([...withheld(['Pod'])], []);
  assert.deepEqual([...withheld(['Backend', 'InferenceModel'])], ['HTTPRoute', 'InferenceModel']);
});

test('without Gateways or classes nothing can be said of what is attached to them', () => {
  const pools = ['InferencePoolV1', 'InferencePoolV1Alpha2'];
  const attached = [
    'Gateway',
    'ListenerSet',
    'HTTPRoute',
    ...pools,
    'BackendTrafficPolicy',
    'SecurityPolicy',
    'ClientTrafficPolicy',
    'EnvoyExtensionPolicy',
    'EnvoyPatchPolicy',
    'BackendTLSPolicy',
  ];
  assert.deepEqual([...withheld(['Gateway'])], attached);
  assert.deepEqual([...withheld(['ListenerSet'])], attached);
  assert.deepEqual([...withheld(['GatewayClass'])], ['GatewayClass', ...attached]);
});

test('without Nodes nothing can be said of Gateways whose addresses they are', () => {
  const labels = { 'app.kubernetes.io/managed-by': 'breakwater' };
  const service = (type: string, metadata: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'ns', ...metadata },
    spec: { type },
  });
  assert.deepEqual([...withheld(['Node'], [service('NodePort', { labels })])], ['Gateway', 'ListenerSet']);
  assert.deepEqual([...withheld(['Node'], [service('LoadBalancer', { labels })])], []);
  assert.deepEqual([...withheld(['Node'], [service('NodePort', {})])], []);
});
