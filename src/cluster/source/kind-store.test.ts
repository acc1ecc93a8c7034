import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KindStore } from './kind-store.ts';
import type { RawObject } from './raw-object.ts';

const node = (resourceVersion: string, address: string, beatAt: string) =>
  ({
    metadata: { name: 'n', uid: 'u', resourceVersion, labels: { zone: 'a' } },
    spec: { podCIDR: '10.0.0.0/24' },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: beatAt }],
    },
  }) as unknown as RawObject;

test('of a Node only its addresses count: what its kubelet says every few minutes changes nothing', () => {
  const store = new KindStore({ group: '', kind: 'Node', plural: 'nodes' });
  assert.equal(store.put(node('1', '192.0.2.1', 'now'), 'v1'), true);
  const [first] = store.objects();
  assert.equal(store.put(node('2', '192.0.2.1', 'later'), 'v1'), false);
  store.beginList();
  store.page([node('3', '192.0.2.1', 'even later')], 'v1');
  assert.equal(store.endList(), false);
  assert.equal([...store.objects()][0], first);
  assert.equal(store.put(node('4', '192.0.2.2', 'later'), 'v1'), true);
  assert.deepEqual([...store.problems()], []);
  assert.equal(store.delete(node('5', '192.0.2.2', 'last')), true);
});

test('who has written the status of a GatewayClass is known', () => {
  const store = new KindStore({
    group: 'gateway.networking.k8s.io',
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
  });
  const managedFields = [
    { manager: 'kubectl', operation: 'Apply' },
    { manager: 'envoy-gateway', operation: 'Update', subresource: 'status' },
  ];
  const metadata = { name: 'eg', resourceVersion: '1', managedFields };
  store.put({ metadata, spec: { controllerName: 'a.example/b' } } as RawObject, 'v1');
  assert.deepEqual(store.statusManagers('eg'), ['envoy-gateway']);
  assert.deepEqual(store.statusManagers('other'), []);
  const [object] = store.objects();
  assert.equal('managedFields' in (object as { metadata: object }).metadata, false);
});

const ROUTES = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', plural: 'httproutes' };
const POLICIES = {
  group: 'gateway.envoyproxy.io',
  kind: 'BackendTrafficPolicy',
  plural: 'backendtrafficpolicies',
};
const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'r' }];

function countsAfter(kind: typeof ROUTES, version: string, ...specs: object[]) {
  const store = new KindStore(kind);
  for (const [index, spec] of specs.entries())
    store.put(
      {
        metadata: { name: 'x', namespace: 'n', uid: 'u', resourceVersion: `${index}` },
        spec,
      } as unknown as RawObject,
      version,
    );
  return [...store.refused()].map(({ counts }) => counts);
}

test('of what cannot be read, it is known what counts in its place', () => {
  assert.deepEqual(countsAfter(ROUTES, 'v1', { hostnames: ['a.test'] }), []);
  assert.deepEqual(countsAfter(ROUTES, 'v1', { rules: 7 }), ['nothing']);
  assert.deepEqual(countsAfter(ROUTES, 'v1', { hostnames: ['a.test'] }, { rules: 7 }), ['last-form']);
  assert.deepEqual(countsAfter(ROUTES, 'v1', { brandNew: 1 }), ['known-fields']);
  assert.deepEqual(countsAfter(POLICIES, 'v1alpha1', { targetRefs, brandNew: 1 }), ['closed-targets']);
  assert.deepEqual(countsAfter(POLICIES, 'v1alpha1', { targetRefs }, { targetRefs, brandNew: 1 }), [
    'last-form',
  ]);
});

test('a field that is not known and may narrow down its neighbours is not left out', () => {
  const matches = [{ path: { value: '/' }, sourceRange: '10.0.0.0/8' }];
  assert.deepEqual(countsAfter(ROUTES, 'v1', { rules: [{ matches }] }), ['nothing']);
});
