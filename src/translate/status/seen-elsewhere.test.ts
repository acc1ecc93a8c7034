import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import type { ServerReport } from '../../plan/index.ts';
import { translate } from '../translate.ts';

const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';
const GATEWAY = 'gateway.networking.k8s.io/v1';
const ownerReferences = [{ apiVersion: GATEWAY, kind: 'Gateway', name: 'g', uid: 'u' }];

function object(apiVersion: string, kind: string, name: string, rest: object, metadata: object = {}) {
  return { apiVersion, kind, metadata: { name, namespace: 'default', ...metadata }, ...rest };
}

function programmed(ready: boolean, report: Omit<ServerReport, 'name'>): string {
  const objects = [
    { ...object(GATEWAY, 'GatewayClass', 'c', { spec: { controllerName } }), metadata: { name: 'c' } },
    object(
      GATEWAY,
      'Gateway',
      'g',
      { spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } },
      { uid: 'u' },
    ),
    object(
      'v1',
      'Service',
      'envoy-g',
      {
        spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 10_080 }] },
        status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } },
      },
      { labels: { 'app.kubernetes.io/managed-by': 'breakwater' }, ownerReferences },
    ),
    object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      'envoy-g-1',
      { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }] },
      { labels: { 'kubernetes.io/service-name': 'envoy-g' } },
    ),
  ].map(each => {
    const { object: parsed, errors } = parseObject(each);
    assert.deepEqual(errors, []);
    return { object: parsed! };
  });
  const { plan, statuses } = translate(buildResourceSet(objects), {
    controllerNames: [controllerName],
    plane: 'envoy',
    gatewayServices: true,
  });
  const servers = plan.servers.map(({ name }) => ({ name, ...report }));
  const { status } = statuses({ version: plan.version, servers }).find(({ kind }) => kind === 'Gateway')!;
  const { conditions } = status as { conditions: { type: string; status: string }[] };
  return conditions.find(({ type }) => type === 'Programmed')!.status;
}

const elsewhere = { address: '0.0.0.0', port: 10_080 };

test('Envoys that are connected to another replica serve once their Pods are ready', () => {
  assert.equal(programmed(true, { error: 'no Envoy is connected', elsewhere }), 'True');
  assert.equal(programmed(false, { error: 'no Envoy is connected', elsewhere }), 'False');
});

test('what Envoys of this replica say counts, whatever their Pods are', () => {
  assert.equal(programmed(true, { error: 'Envoy says: no' }), 'False');
  assert.equal(programmed(false, { bound: elsewhere }), 'True');
});
