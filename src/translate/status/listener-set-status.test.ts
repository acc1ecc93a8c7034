import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KubeObject } from '../../api/index.ts';
import type { Plan, PlaneReport } from '../../plan/index.ts';
import { translate } from '../index.ts';

const API = { apiVersion: 'gateway.networking.k8s.io/v1' };
const port = (name: string, number: number) => ({ name, port: number, protocol: 'HTTP' });

const objects: KubeObject[] = [
  { ...API, kind: 'GatewayClass', metadata: { name: 'c' }, spec: { controllerName: 'example.com/c' } },
  {
    ...API,
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'n' },
    spec: {
      gatewayClassName: 'c',
      listeners: [port('own', 80)],
      allowedListeners: { namespaces: { from: 'Same' } },
    },
  },
  {
    ...API,
    kind: 'ListenerSet',
    metadata: { name: 's', namespace: 'n', generation: 7 },
    spec: { parentRef: { name: 'g' }, listeners: [port('a', 81), port('b', 82)] },
  },
];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
}

/** `STATUS REASON` of the ListenerSet's Programmed, and of its listeners'. */
function programmed(report: (plan: Plan) => PlaneReport | undefined, gatewayServices = false): string[] {
  const set = buildResourceSet(objects.map(object => ({ object })));
  const { plan, statuses } = translate(set, { controllerNames: ['example.com/c'], gatewayServices });
  const { status } = statuses(report(plan)).find(({ kind }) => kind === 'ListenerSet')!;
  const { conditions, listeners } = status as {
    conditions: Condition[];
    listeners: { conditions: Condition[] }[];
  };
  return [conditions, ...listeners.map(each => each.conditions)].map(all => {
    const found = all.find(({ type }) => type === 'Programmed');
    assert.equal(found?.observedGeneration, 7);
    return `${found?.status} ${found?.reason}`;
  });
}

const bound =
  (ports: readonly number[]) =>
  ({ version, servers }: Plan): PlaneReport => ({
    version,
    servers: servers.map(({ name, port }) =>
      ports.includes(port) ? { name, bound: { address: '127.0.0.1', port } } : { name, error: 'taken' },
    ),
  });

test('a set is programmed when one of its listeners is', () => {
  assert.deepEqual(programmed(bound([80, 81, 82])), [
    'True Programmed',
    'True Programmed',
    'True Programmed',
  ]);
  assert.deepEqual(programmed(bound([80, 82])), [
    'True Programmed',
    'False PortUnavailable',
    'True Programmed',
  ]);
  assert.deepEqual(programmed(bound([80])), [
    'False ListenersNotValid',
    'False PortUnavailable',
    'False PortUnavailable',
  ]);
});

test('it does not say so before the data plane has taken the configuration, nor after a refusal', () => {
  assert.deepEqual(
    programmed(() => undefined),
    ['Unknown Pending', 'False Pending', 'False Pending'],
  );
  assert.deepEqual(
    programmed(() => ({ version: 'an older one', servers: [], error: 'no' })),
    ['False Invalid', 'False Invalid', 'False Invalid'],
  );
});

test('nor while nobody can reach the Gateway', () => {
  assert.deepEqual(programmed(bound([80, 81, 82]), true), [
    'False ParentNotProgrammed',
    'True Programmed',
    'True Programmed',
  ]);
});
