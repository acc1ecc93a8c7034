import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseObject } from './index.ts';

const ROUTE = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'r' };
const SERVICE = { group: '', kind: 'Service', name: 's' };

function parsed(kind: string, spec: object) {
  const group =
    kind === 'BackendTLSPolicy' ? 'gateway.networking.k8s.io/v1' : 'gateway.envoyproxy.io/v1alpha1';
  return parseObject({ apiVersion: group, kind, metadata: { name: 'p' }, spec });
}

const messagesOf = (kind: string, spec: object) => parsed(kind, spec).errors.map(({ message }) => message);
const standInOf = (kind: string, spec: object) =>
  (parsed(kind, spec).unreadable?.spec as { targetRefs: (typeof ROUTE)[] } | undefined)?.targetRefs;

test('a policy whose targets are under a misspelt field is an error with the field that was meant, and about what they say', () => {
  for (const field of ['targetReffs', 'targetrefs', 'targetRes', 'TargetRef']) {
    const spec = { [field]: [ROUTE], cors: {} };
    assert.match(
      messagesOf('SecurityPolicy', spec).join(),
      new RegExp(`unknown field "spec.${field}"; did you mean`),
    );
    assert.deepEqual(standInOf('SecurityPolicy', spec), [ROUTE]);
  }
});

test('a policy of a kind that is not served, and that is about nothing at all, is an error', () => {
  for (const spec of [{}, { cors: {} }, { targetRefs: [] }, { targets: [ROUTE] }])
    assert.match(messagesOf('SecurityPolicy', spec).join(), /^spec: Required value: one of targetRef/);
});

test('a target whose group or kind is nearly one of ours is an error, and is the one that was meant', () => {
  for (const slip of [
    { group: 'gateway.networking.k8s.oi' },
    { group: 'gateway.networking.k8s.io/v1' },
    { group: 'Gateway.networking.k8s.io' },
    { group: 'gateway.network.k8s.io' },
    { group: 'gateway.envoyproxy.io' },
    { group: '' },
    { kind: 'httproute' },
    { kind: 'HttpRoute' },
    { kind: 'HTTPRoutes' },
  ])
    for (const kind of ['SecurityPolicy', 'BackendTrafficPolicy']) {
      const spec = { targetRefs: [{ ...ROUTE, ...slip }] };
      const where = `${kind} ${JSON.stringify(slip)}`;
      assert.match(messagesOf(kind, spec).join(), /spec\.targetRefs\[0\]|only have a targetRefs/, where);
      assert.deepEqual(standInOf(kind, spec), [ROUTE], where);
    }
});

test('a BackendTLSPolicy on a service in small letters is about the Service', () => {
  const validation = { wellKnownCACertificates: 'System', hostname: 'a.b' };
  const of = (target: object) => ({ targetRefs: [{ ...SERVICE, ...target }], validation });
  assert.deepEqual(messagesOf('BackendTLSPolicy', of({})), []);
  for (const slip of [{ kind: 'service' }, { kind: 'Servce' }, { group: 'core' }, { group: ROUTE.group }]) {
    assert.equal(messagesOf('BackendTLSPolicy', of(slip)).length, 1);
    assert.deepEqual(standInOf('BackendTLSPolicy', of(slip)), [SERVICE]);
  }
});

test('what is right, and what is of somebody else, is no error', () => {
  for (const target of [
    ROUTE,
    { ...ROUTE, kind: 'GRPCRoute' },
    { ...ROUTE, group: 'x.io' },
    { ...ROUTE, group: 'networking.istio.io', kind: 'Gateway' },
    { ...ROUTE, group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet' },
    { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 's' },
    { group: '', kind: 'ConfigMap', name: 's' },
  ]) {
    assert.deepEqual(messagesOf('SecurityPolicy', { targetRefs: [target], cors: {} }), []);
    assert.deepEqual(messagesOf('ClientTrafficPolicy', { targetRef: target }), []);
  }
  assert.deepEqual(
    messagesOf('SecurityPolicy', { targetSelectors: [{ kind: 'HTTPRoute', matchLabels: {} }] }),
    [],
  );
});
