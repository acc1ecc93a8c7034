import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KubeObject, parseObject } from '../../api/index.ts';
import type { RefusedObject } from '../../cluster/source/index.ts';
import { refusedEvents } from './refused-events.ts';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const known = [
  {
    apiVersion: GATEWAY,
    kind: 'GatewayClass',
    metadata: { name: 'ours' },
    spec: { controllerName: 'a.example/b' },
  },
  {
    apiVersion: GATEWAY,
    kind: 'GatewayClass',
    metadata: { name: 'theirs' },
    spec: { controllerName: 'c.example/d' },
  },
  ...['ours', 'theirs'].map(name => ({
    apiVersion: GATEWAY,
    kind: 'Gateway',
    metadata: { name, namespace: 'ns' },
    spec: { gatewayClassName: name, listeners: [{ name: 'l', port: 80, protocol: 'HTTP' }] },
  })),
].map(raw => parseObject(raw).object as KubeObject);
const set = buildResourceSet(known.map(object => ({ object })));

function told(kind: string, spec: unknown, counts: RefusedObject['counts'] = 'nothing'): readonly string[] {
  const raw = { apiVersion: GATEWAY, kind, metadata: { name: 'x', namespace: 'ns', uid: 'u' }, spec };
  const refused = [{ raw: raw as unknown as KubeObject, message: 'spec.x: wrong', counts }];
  return refusedEvents(set, ['a.example/b'], refused).map(({ regarding, reason, note }) =>
    [regarding.kind, regarding.uid, reason, note].join(' | '),
  );
}

test('an object that the API server took and that cannot be read is told on it', () => {
  assert.deepEqual(told('HTTPRoute', { parentRefs: [{ name: 'ours' }] }), [
    'HTTPRoute | u | Invalid | It cannot be read, and counts as if it were not there: spec.x: wrong',
  ]);
  assert.deepEqual(told('BackendTrafficPolicy', {}, 'last-form'), [
    'BackendTrafficPolicy | u | Invalid | It cannot be read, and its last form that could be read counts: spec.x: wrong',
  ]);
  assert.deepEqual(told('BackendTrafficPolicy', {}, 'closed-targets'), [
    'BackendTrafficPolicy | u | Invalid | It cannot be read, and requests to its targets get 500: spec.x: wrong',
  ]);
  assert.deepEqual(told('Gateway', { gatewayClassName: 'ours' }, 'known-fields'), [
    'Gateway | u | UnknownField | It counts without a field that is not known here: spec.x: wrong',
  ]);
});

test('of what another controller serves nothing is said', () => {
  assert.deepEqual(told('HTTPRoute', { parentRefs: [{ name: 'theirs' }] }), []);
  assert.deepEqual(told('ListenerSet', { parentRef: { name: 'theirs' } }), []);
  assert.deepEqual(told('Gateway', { gatewayClassName: 'theirs' }), []);
  assert.deepEqual(told('GatewayClass', { controllerName: 'c.example/d' }), []);
});

test('what does not say whose it is is told, whatever stands there', () => {
  for (const spec of [
    undefined,
    null,
    'text',
    [],
    {},
    { parentRefs: 'x' },
    { parentRefs: [7, { name: [] }] },
  ])
    assert.equal(told('HTTPRoute', spec).length, 1, JSON.stringify(spec));
  assert.equal(told('Gateway', { gatewayClassName: {} }).length, 1);
  assert.equal(told('HTTPRoute', { parentRefs: [{ name: 'theirs' }, { name: 'ours' }] }).length, 1);
});
