import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type Gateway, type ListenerSet } from '../../api/index.ts';
import { createContext } from '../translation-context.ts';
import { effectiveListeners } from './effective-listeners.ts';
import { listenerSetsByParent } from './translate-listener-set.ts';

type Listeners = Gateway['spec']['listeners'];
const listener = (name: string, port: number, protocol = 'HTTP', hostname?: string): Listeners[number] => ({
  name,
  port,
  protocol,
  ...(hostname === undefined ? {} : { hostname }),
});

const gatewayWith = (listeners: Listeners): Gateway => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'g', namespace: 'infra' },
  spec: { gatewayClassName: 'c', listeners, allowedListeners: { namespaces: { from: 'All' } } },
});

const setOf = (at: string, listeners: Listeners, creationTimestamp = ''): ListenerSet => {
  const [namespace = '', name = ''] = at.split('/');
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'ListenerSet',
    metadata: { name, namespace, ...(creationTimestamp === '' ? {} : { creationTimestamp }) },
    spec: { parentRef: { name: 'g', namespace: 'infra' }, listeners },
  };
};

/** What each listener got: `OWNER/LISTENER: REASON` of its condition Conflicted, by precedence; and why sets are refused. */
function judge(own: Listeners, ...sets: ListenerSet[]) {
  const gateway = gatewayWith(own);
  const context = createContext(buildResourceSet([gateway, ...sets].map(object => ({ object }))), {
    controllerNames: [],
  });
  const of = listenerSetsByParent(context).get('infra/g') ?? [];
  const { listeners, sets: judged } = effectiveListeners(context, gateway, of, false);
  return {
    got: listeners.map(
      ({ owner, spec, conditions }) =>
        `${owner.metadata.name}/${spec.name}: ${conditions.get('Conflicted')?.reason}`,
    ),
    refused: judged.map(({ listenerSet, refusal }) => [listenerSet.metadata.name, refusal?.reason]),
    messages: context.problems.list().map(({ message }) => message),
  };
}

test('precedence: the Gateway, then its sets by age, then by namespace and name', () => {
  const port = 8080;
  const { got } = judge(
    [listener('own', 80)],
    setOf('b/z', [listener('l', port)], '2026-01-02T00:00:00Z'),
    setOf('b/a', [listener('l', port)], '2026-01-02T00:00:00Z'),
    setOf('a/y', [listener('l', port)], '2026-01-02T00:00:00Z'),
    setOf('z/oldest', [listener('l', port), listener('free', 8081)], '2026-01-01T00:00:00Z'),
  );
  assert.deepEqual(got, [
    'g/own: NoConflicts',
    'oldest/l: NoConflicts',
    'oldest/free: NoConflicts',
    'y/l: HostnameConflict',
    'a/l: HostnameConflict',
    'z/l: HostnameConflict',
  ]);
});

test('where the listeners of the Gateway itself are in conflict, those of its sets on that port are as well', () => {
  const { got, refused } = judge(
    [listener('a', 80), listener('b', 80, 'HTTP'), listener('other', 81)],
    setOf('n/s', [listener('l', 80), listener('c', 80, 'HTTP', 'c.example')]),
  );
  assert.deepEqual(got, [
    'g/a: HostnameConflict',
    'g/b: HostnameConflict',
    'g/other: NoConflicts',
    's/l: HostnameConflict',
    's/c: NoConflicts',
  ]);
  assert.deepEqual(refused, [['s', undefined]]);
});

test('a set that is in conflict with itself takes nothing from the next one', () => {
  const tls = { certificateRefs: [{ name: 'missing' }] };
  const { got, refused } = judge(
    [listener('own', 80)],
    setOf('n/a', [listener('x', 90), listener('y', 90)]),
    setOf('n/b', [listener('l', 90)]),
    setOf('n/c', [{ ...listener('l', 90, 'HTTPS', 'c.example'), tls }]),
  );
  assert.deepEqual(got.slice(1), [
    'a/x: HostnameConflict',
    'a/y: HostnameConflict',
    'b/l: NoConflicts',
    // Its certificate is not there: it takes nothing from others, and says so itself.
    'c/l: NoConflicts',
  ]);
  assert.deepEqual(refused, [
    ['a', 'ListenersNotValid'],
    ['b', undefined],
    ['c', undefined],
  ]);
});

test('a protocol that is not spoken is in conflict where the port is taken by another, never the other way round', () => {
  const { got } = judge(
    [listener('own', 80), listener('tcp', 81, 'TCP')],
    setOf('n/a', [listener('tcp', 80, 'TCP'), listener('udp', 80, 'UDP'), listener('tls', 82, 'TLS')]),
    setOf('n/b', [listener('http', 81), listener('http2', 82)]),
  );
  assert.deepEqual(got, [
    'g/own: NoConflicts',
    'g/tcp: NoConflicts',
    'a/tcp: ProtocolConflict',
    'a/udp: NoConflicts',
    'a/tls: ProtocolConflict',
    'b/http: NoConflicts',
    'b/http2: NoConflicts',
  ]);
});

test('a set is not told of those of other namespaces', () => {
  const { messages } = judge(
    [listener('own', 80)],
    setOf('secret/first', [listener('l', 90)], '2026-01-01T00:00:00Z'),
    setOf('n/second', [listener('l', 90)], '2026-01-02T00:00:00Z'),
  );
  assert.deepEqual(messages, [
    'All listeners for a given port must use a unique hostname, conflicting listeners: n/second/l, others in other namespaces',
  ]);
});
