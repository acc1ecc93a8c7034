import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'inference-gateway' },
  spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }] },
};
const classOf = (name: string, controllerName: string) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name },
  spec: { controllerName },
});

function translated(objects: readonly object[], onCluster: boolean) {
  const entries = objects.map(raw => ({ object: parseObject(raw).object! }));
  const { plan, problems } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/ours'],
    onCluster,
  });
  return [plan.servers.length, ...problems.map(({ severity, code }) => `${severity} ${code}`)];
}

test('on one machine a Gateway is served whose class comes with an installation, as in guides', () => {
  assert.deepEqual(translated([gateway], false), [1, 'warning gateway-class-not-found']);
});

test('on a cluster it is not, and neither is one whose class is not among those of the manifests, or is of somebody else', () => {
  assert.deepEqual(translated([gateway], true), [0, 'error gateway-class-not-found']);
  const others = [gateway, classOf('ours', 'example.com/ours')];
  assert.deepEqual(translated(others, false), [0, 'error gateway-class-not-found']);
  const theirs = [gateway, classOf('istio', 'istio.io/gateway-controller')];
  assert.deepEqual(translated(theirs, false), [0, 'warning gateway-class-not-found']);
});
