import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slicesByService } from '../services/endpoints.ts';
import type { LabEndpointSlice, LabService } from '../services/service.ts';
import { resolveService } from './names.ts';

function service(name: string, spec: LabService['spec']): LabService {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'n', uid: name }, spec };
}

const services = [
  service('plain', { clusterIP: '10.96.0.7' }),
  service('headless', { clusterIP: 'None' }),
  service('empty', { clusterIP: 'None' }),
  service('outside', { type: 'ExternalName', externalName: 'example.com' }),
];
const slice: LabEndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 's', namespace: 'n', uid: 's', labels: { 'kubernetes.io/service-name': 'headless' } },
  addressType: 'IPv4',
  endpoints: [
    { addresses: ['10.0.0.2'], hostname: 'first' },
    { addresses: ['10.0.0.3'], conditions: { ready: true } },
    { addresses: ['10.0.0.4'], conditions: { ready: false } },
  ],
};

test('names of Services', () => {
  for (const [name, expected] of [
    ['plain.n.svc.cluster.local', ['10.96.0.7']],
    ['plain.n.svc', ['10.96.0.7']],
    ['headless.n.svc.cluster.local', ['10.0.0.2', '10.0.0.3']],
    ['first.headless.n.svc.cluster.local', ['10.0.0.2']],
    ['second.headless.n.svc.cluster.local', undefined],
    ['first.plain.n.svc.cluster.local', undefined],
    ['empty.n.svc.cluster.local', undefined],
    ['plain.other.svc.cluster.local', undefined],
    ['plain.n.svc.n.svc.cluster.local', undefined],
    ['plain', undefined],
    ['example.com', undefined],
  ] as const) {
    const answer = ask(name, 1);
    assert.deepEqual(answer.kind === 'addresses' ? answer.addresses : undefined, expected, name);
  }
  assert.deepEqual(ask('outside.n.svc', 1), { kind: 'alias', name: 'example.com' });
  assert.deepEqual(ask('plain.n.svc', 28), { kind: 'addresses', addresses: [] });
});

function ask(name: string, type: number) {
  return resolveService(
    { name, type },
    (namespace, wanted) =>
      services.find(({ metadata }) => metadata.name === wanted && metadata.namespace === namespace),
    () => slicesByService([slice]),
  );
}
