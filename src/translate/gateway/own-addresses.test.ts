import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { gatewayOfAddress, OwnAddresses } from './own-addresses.ts';

const labels = { 'app.kubernetes.io/managed-by': 'breakwater' };
const set = buildResourceSet(
  [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'envoy-gw', namespace: 'infra', labels },
      spec: { clusterIP: '10.96.0.7', externalIPs: ['192.0.2.9'], ports: [{ port: 80 }] },
      status: { loadBalancer: { ingress: [{ ip: '2001:db8::7' }, { hostname: 'lb.example.com' }] } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'envoy-gw-1', namespace: 'infra', labels },
      spec: { containers: [{ name: 'envoy', image: 'envoy' }] },
      status: { podIP: '10.244.0.9' },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'models', namespace: 'tenant' },
      spec: { clusterIP: '10.96.0.8', ports: [{ port: 80 }] },
    },
  ].map(raw => ({ object: parseObject(raw).object! })),
);

test('addresses of Services and Pods of Gateways are known in each of their spellings', () => {
  const ofService = 'it is of Service infra/envoy-gw, of a Gateway';
  for (const address of [
    '10.96.0.7',
    '192.0.2.9',
    '::ffff:10.96.0.7',
    '::ffff:a60:7',
    '2001:DB8:0::7',
    'LB.example.com.',
  ])
    assert.equal(gatewayOfAddress(set, address), ofService, address);
  assert.equal(gatewayOfAddress(set, '10.244.0.9'), 'it is of Pod infra/envoy-gw-1, of a Gateway');
  for (const address of ['10.96.0.8', '10.244.0.8', '2001:db8::8', 'other.example.com'])
    assert.equal(gatewayOfAddress(set, address), undefined, address);
});

test('a Backend cannot name a Gateway by an IPv6 address that holds its IPv4', () => {
  const refusal = new OwnAddresses(set, true).refusal('::ffff:a60:7');
  assert.match(refusal ?? '', /may be the gateway itself: it is of Service infra\/envoy-gw/);
  assert.equal(new OwnAddresses(set, false).refusal('::ffff:a60:7'), undefined);
});
