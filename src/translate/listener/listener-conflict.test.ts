import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type Gateway } from '../../api/index.ts';
import { translate } from '../index.ts';

// An API server with the CRD's rules refuses such a Gateway as a whole; one with older CRDs does not.
test('listeners of one port and one host name are in conflict, and none of them is served', () => {
  const listener = (name: string, hostname: string) => ({ name, hostname, port: 80, protocol: 'HTTP' });
  const gateway: Gateway = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'default' },
    spec: {
      gatewayClassName: 'c',
      listeners: [listener('a', 'x.com'), listener('b', 'x.com'), listener('c', 'y.com')],
    },
  };
  const gatewayClass = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'c' },
    spec: { controllerName: 'example.com/c' },
  };
  const { plan, problems, statuses } = translate(
    buildResourceSet([{ object: gateway }, { object: gatewayClass }]),
    { controllerNames: ['example.com/c'] },
  );
  assert.deepEqual(
    plan.servers.flatMap(server => server.listeners.map(({ name }) => name)),
    ['c'],
  );
  assert.deepEqual(
    problems.map(({ code, path }) => [code, path.join('.')]),
    [
      ['listener-conflict', 'spec.listeners.0.hostname'],
      ['listener-conflict', 'spec.listeners.1.hostname'],
    ],
  );
  const { status } = statuses(undefined).find(({ kind }) => kind === 'Gateway')!;
  const { listeners } = status as { listeners: { conditions: { type: string; reason: string }[] }[] };
  const reasons = listeners.map(
    each => each.conditions.find(condition => condition.type === 'Conflicted')?.reason,
  );
  assert.deepEqual(reasons, ['HostnameConflict', 'HostnameConflict', 'NoConflicts']);
});
