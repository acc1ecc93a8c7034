import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KubeObject, parseObject } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import { embeddedState } from './embedded-state.ts';
import { envoyAttempts, envoyState } from './envoy-state.ts';
import type { OwnedState } from './owned-state.ts';

const controllerName = 'a.example/b';
const bootstrap = { xdsHost: 'breakwater.ns.svc', xdsPort: 18_000 };
const classAndGateway = [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'c' },
    spec: { controllerName },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'ns', uid: 'u' },
    spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  },
].map(raw => parseObject(raw).object as KubeObject);
const server: Server = {
  name: 'ns/g/80',
  gateway: { kind: 'Gateway', namespace: 'ns', name: 'g' },
  port: 80,
  bindPort: 20_000,
  protocol: 'HTTP',
  listeners: [],
};

const set = (live: readonly KubeObject[]) =>
  buildResourceSet([...classAndGateway, ...live].map(object => ({ object })));
const embedded = (live: readonly KubeObject[]) =>
  embeddedState({
    set: set(live),
    controllerName,
    servers: [server],
    reports: [{ name: server.name, bound: { address: '10.0.0.9', port: 20_000 } }],
    pod: { name: 'p', namespace: 'breakwater-system', ip: '10.0.0.9' },
    envoys: live.filter(({ kind }) => kind !== 'Service' && kind !== 'EndpointSlice'),
  });
const envoy = (live: readonly KubeObject[]) =>
  envoyState(
    set(live),
    controllerName,
    envoyAttempts({ set: set(live), controllerName, servers: [server], bootstrap }),
    live,
  );
const made = ({ wanted }: OwnedState) => wanted as unknown as KubeObject[];
const removed = ({ unwanted }: OwnedState) =>
  unwanted.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{8}/, '')}`);
const pick = (objects: readonly KubeObject[], ...kinds: string[]) =>
  objects.filter(({ kind }) => kinds.includes(kind));

function slice(name: string, managedBy: string, service: string): KubeObject {
  const labels = {
    'kubernetes.io/service-name': service,
    'endpointslice.kubernetes.io/managed-by': managedBy,
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'ns', labels },
    endpoints: [{ addresses: ['10.0.0.7'] }],
  } as KubeObject;
}

test('from Envoys to the embedded plane: they go once the Service leads to the controller, with all that led to them', () => {
  const before = made(envoy([]));
  const [service] = pick(before, 'Service');
  const { name } = service!.metadata;
  const theirs = slice('by-selector', 'endpointslice-controller.k8s.io', name);
  const mirrored = slice('mirrored', 'endpointslicemirroring-controller.k8s.io', name);
  const others = slice('others', 'endpointslice-controller.k8s.io', 'another');
  const live = [...before, theirs, mirrored, others];
  assert.deepEqual(removed(embedded(live)), [], 'nothing is there instead yet');

  const own = made(embedded(live));
  const written = [...before.filter(({ kind }) => kind !== 'Service'), ...own, theirs, mirrored, others];
  assert.deepEqual(removed(embedded(written)), [
    'ServiceAccount envoy-ns-g',
    'ConfigMap envoy-ns-g',
    'Deployment envoy-ns-g',
    'EndpointSlice by-selector',
    `Endpoints ${name}`.replace(/-[0-9a-f]{8}/, ''),
  ]);
  assert.deepEqual(removed(embedded([...own, others])), []);
});

test('while its Service still has its selector, slices that would come again are left', () => {
  const before = made(envoy([]));
  const [service] = pick(before, 'Service');
  const theirs = slice('by-selector', 'endpointslice-controller.k8s.io', service!.metadata.name);
  const live = [service!, ...pick(made(embedded([])), 'EndpointSlice'), theirs];
  assert.deepEqual(removed(embedded(live)), []);
});

test("from the embedded plane to Envoys: the controller's own endpoint goes once an Envoy is available", () => {
  const own = made(embedded([]));
  const after = made(envoy(own));
  const endpoints = pick(own, 'EndpointSlice');
  const workload = (availableReplicas: number) =>
    after.map(object =>
      object.kind === 'Deployment' ? ({ ...object, status: { availableReplicas } } as KubeObject) : object,
    );
  assert.deepEqual(removed(envoy([...after, ...endpoints])), []);
  assert.deepEqual(removed(envoy([...workload(0), ...endpoints])), []);
  assert.deepEqual(removed(envoy([...workload(1), ...endpoints])), ['EndpointSlice envoy-ns-g']);
});

test('a workload whose kind was changed on the Envoy plane goes at once, as ever', () => {
  const after = made(envoy([]));
  const [deployment] = pick(after, 'Deployment');
  const daemonSet = { ...deployment, kind: 'DaemonSet' } as KubeObject;
  assert.deepEqual(removed(envoy([...after, daemonSet])), ['DaemonSet envoy-ns-g']);
});
