import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Range } from '../pods/range.ts';
import { slicesByService } from './endpoints.ts';
import { forwardsOf } from './forwards.ts';
import type { LabEndpointSlice, LabService } from './service.ts';

const rules = {
  loadBalancers: new Range((10 << 24) + (100 << 16), 24),
  nodeAddress: '10.244.0.1',
  apiServer: { address: '127.0.0.1', port: 6443 },
};

function service(name: string, rest: Pick<LabService, 'spec' | 'status'>, namespace = 'n'): LabService {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, uid: name }, ...rest };
}

function slice(endpoints: NonNullable<LabEndpointSlice['endpoints']>): LabEndpointSlice {
  const labels = { 'kubernetes.io/service-name': 'web' };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', namespace: 'n', uid: 's', labels },
    addressType: 'IPv4',
    ports: [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
    endpoints,
  };
}

function forwards(of: LabService, endpoints: NonNullable<LabEndpointSlice['endpoints']>): string[] {
  return forwardsOf([of], slicesByService([slice(endpoints)]), rules).map(({ at, to }) => {
    return `${at.address}:${at.port} ${to.map(each => `${each.address}:${each.port}`)}`;
  });
}

const ports = [
  { name: 'http', port: 80, nodePort: 30_080 },
  { name: 'dns', port: 53, protocol: 'UDP' },
];

test('all addresses of a Service, for its TCP ports', () => {
  const web = service('web', {
    spec: { clusterIPs: ['10.96.0.2'], externalIPs: ['10.100.0.9', '192.0.2.1'], ports },
    status: { loadBalancer: { ingress: [{ ip: '10.100.0.1' }] } },
  });
  const to = '10.244.0.2:8080,10.244.0.3:8080';
  assert.deepEqual(
    forwards(web, [
      { addresses: ['10.244.0.2'] },
      { addresses: ['10.244.0.3'], conditions: { ready: true } },
    ]),
    [`10.96.0.2:80 ${to}`, `10.100.0.9:80 ${to}`, `10.100.0.1:80 ${to}`, `10.244.0.1:30080 ${to}`],
  );
});

test('endpoints that end serve while none is ready', () => {
  const web = service('web', { spec: { clusterIPs: ['10.96.0.2'], ports: [{ name: 'http', port: 80 }] } });
  const ending = {
    addresses: ['10.244.0.2'],
    conditions: { ready: false, serving: true, terminating: true },
  };
  const unready = { addresses: ['10.244.0.3'], conditions: { ready: false, serving: false } };
  assert.deepEqual(forwards(web, [ending, unready]), ['10.96.0.2:80 10.244.0.2:8080']);
  assert.deepEqual(forwards(web, [ending, { addresses: ['10.244.0.4'] }]), ['10.96.0.2:80 10.244.0.4:8080']);
  assert.deepEqual(forwards(web, [unready]), ['10.96.0.2:80 ']);
});

test('a headless Service has none; default/kubernetes is the API server', () => {
  assert.deepEqual(
    forwards(service('web', { spec: { clusterIPs: ['None'], ports: [{ port: 80 }] } }), []),
    [],
  );
  const spec = { clusterIPs: ['10.96.0.1'], ports: [{ name: 'https', port: 443 }] };
  assert.deepEqual(forwards(service('kubernetes', { spec }, 'default'), []), [
    '10.96.0.1:443 127.0.0.1:6443',
  ]);
});
