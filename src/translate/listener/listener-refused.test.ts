import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const listener = (name: string, port: number) => ({ name, protocol: 'HTTP', port, hostname: `${name}.test` });
const manifests = [
  {
    apiVersion: GATEWAY,
    kind: 'GatewayClass',
    metadata: { name: 'c' },
    spec: { controllerName: 'example.com/ours' },
  },
  {
    apiVersion: GATEWAY,
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'n' },
    spec: { gatewayClassName: 'c', listeners: [listener('a', 80), listener('b', 80)] },
  },
];

test('a listener that the plane leaves out is not programmed, in its words; those beside it are', () => {
  const set = buildResourceSet(
    manifests.map(raw => {
      const { object, errors } = parseObject(raw);
      assert.deepEqual(errors, []);
      return { object: object! };
    }),
  );
  const { plan, statuses } = translate(set, { controllerNames: ['example.com/ours'] });
  const bound = { address: '127.0.0.1', port: 80 };
  const written = statuses({
    version: plan.version,
    servers: plan.servers.map(({ name }) => ({ name, bound })),
    leftOut: [
      { source: { kind: 'Gateway', namespace: 'n', name: 'g' }, listener: 'b', message: 'no such key' },
    ],
  });
  const gateway = written.find(({ kind }) => kind === 'Gateway')?.status as {
    conditions: { type: string; status: string }[];
    listeners: { name: string; conditions: { type: string; status: string; message: string }[] }[];
  };
  const programmed = (conditions: { type: string; status: string }[]) =>
    conditions.find(({ type }) => type === 'Programmed');
  assert.equal(programmed(gateway.conditions)?.status, 'True');
  const [a, b] = gateway.listeners.map(({ conditions }) => programmed(conditions));
  assert.equal(a?.status, 'True');
  assert.equal(b?.status, 'False');
  assert.match(JSON.stringify(b), /The data plane refused the listener: no such key/);
});
