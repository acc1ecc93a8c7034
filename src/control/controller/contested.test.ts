import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KubeObject, parseObject } from '../../api/index.ts';
import { contestedClasses } from './contested.ts';

const NAME = 'gateway.envoyproxy.io/gatewayclass-controller';

function envoyGateway(replicas = 1): object {
  const labels = { 'control-plane': 'envoy-gateway' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'envoy-gateway', namespace: 'envoy-gateway-system', labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'envoy-gateway', image: 'envoyproxy/gateway:v1.9.1' }] },
      },
    },
  };
}

function config(text: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'envoy-gateway-config', namespace: 'envoy-gateway-system' },
    data: { 'envoy-gateway.yaml': text },
  };
}

function contested(objects: readonly object[], managers: readonly string[] = [], name = NAME): string[] {
  const all = [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'eg' },
      spec: { controllerName: NAME },
    },
    ...objects,
  ].map(raw => {
    const { object, errors } = parseObject(raw);
    assert.deepEqual(errors, []);
    return { object: object as KubeObject };
  });
  return contestedClasses(buildResourceSet(all), name, () => managers).map(
    ({ gatewayClass, by, isServed }) => `${gatewayClass.metadata.name} by ${by}${isServed ? ', served' : ''}`,
  );
}

const BY = ['eg by envoy-gateway-system/envoy-gateway'];

test('beside an Envoy Gateway of the same name a class is contested, until one of the two is told apart', () => {
  assert.deepEqual(contested([envoyGateway()]), BY);
  assert.deepEqual(contested([envoyGateway()], ['envoy-gateway', 'breakwater']), BY);
  assert.deepEqual(contested([envoyGateway(), config(`gateway:\n  controllerName: ${NAME}\n`)]), BY);
  assert.deepEqual(contested([envoyGateway()], [], 'example.com/breakwater'), []);
  assert.deepEqual(
    contested([envoyGateway(), config('gateway:\n  controllerName: "example.com/eg" # ours\n')]),
    [],
  );
});

test('without one that is to run nothing is contested, whatever one has left in a status', () => {
  assert.deepEqual(contested([], ['envoy-gateway']), []);
  assert.deepEqual(contested([envoyGateway(0)], ['envoy-gateway']), []);
});

test("a tenant's Deployment takes away no class that this controller alone has accepted", () => {
  assert.deepEqual(contested([envoyGateway()], ['breakwater']), []);
});

test('a class that it takes later is served on where its Gateways have what they are made of from here', () => {
  const gateway = (className: string) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'one', namespace: 'default', uid: 'u-one' },
    spec: { gatewayClassName: className, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  });
  const service = (controllerName: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'envoy-default-one',
      namespace: 'default',
      labels: { 'app.kubernetes.io/managed-by': 'breakwater' },
      annotations: { 'breakwater.dev/controller-name': controllerName },
      ownerReferences: [
        { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name: 'one', uid: 'u-one' },
      ],
    },
    spec: { ports: [{ port: 80 }] },
  });
  const both = ['envoy-gateway', 'breakwater'];
  assert.deepEqual(contested([envoyGateway(), gateway('eg'), service(NAME)], both), [`${BY[0]}, served`]);
  assert.deepEqual(contested([envoyGateway(), gateway('eg'), service('example.com/other')], both), BY);
  assert.deepEqual(contested([envoyGateway(), gateway('another'), service(NAME)], both), BY);
});
