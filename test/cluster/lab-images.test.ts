import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { object, pod, TestPods } from './support/pods.ts';

let lab: Lab;
let pods: TestPods;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-image-'));
  const own = { '/usr/local/bin/hello': [join(folder, 'hello'), 'said'] };
  lab = await Lab.start({
    crds: ['inference'],
    images: (container, of) =>
      container.image === 'own' ? { programs: own, user: 65_532 } : labImages(container, of),
  });
  pods = new TestPods(lab);
});
after(async () => {
  await lab?.stop();
  await rm(folder, { recursive: true });
});

test("Envoy's image is a real Envoy, with the arguments of the container", async () => {
  const admin = { address: { socket_address: { address: '0.0.0.0', port_value: 9901 } } };
  const config = JSON.stringify({ node: { id: '$(NAME)', cluster: 'c' }, admin });
  const env = [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
  const readinessProbe = { httpGet: { path: '/ready', port: 'admin' } };
  const common = { env, readinessProbe, ports: [{ name: 'admin', containerPort: 9901 }] };
  await pods.run('envoys', {
    containers: [
      {
        ...common,
        name: 'entrypoint',
        image: 'docker.io/envoyproxy/envoy:v1.36.0',
        args: ['--config-yaml', config],
      },
    ],
  });
  await pods.run('distroless', {
    containers: [
      {
        ...common,
        name: 'command',
        image: 'docker.io/envoyproxy/envoy:distroless-v1.36.0',
        command: ['envoy'],
        args: ['--config-yaml', config],
        securityContext: {
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
          allowPrivilegeEscalation: false,
        },
      },
    ],
  });
  for (const name of ['envoys', 'distroless']) {
    const { podIP } = await pods.status(name);
    const info = await (await fetch(`http://${podIP}:9901/server_info`)).json();
    assert.equal((info as { node: { id: string } }).node.id, name);
  }
});

test("Breakwater's image is this checkout", async () => {
  const container = { name: 'c', image: 'registry.example/x/breakwater:v1', args: ['--help'] };
  await lab.objects.apply([pod('help', { restartPolicy: 'Never', containers: [container] })]);
  await until('it is done', async () => (await pods.status('help')).phase === 'Succeeded', 60_000);
  assert.match(await lab.logs('default', 'help'), /^Usage: breakwater /);
});

const PLUGINS = `
apiVersion: inference.networking.x-k8s.io/v1alpha1
kind: EndpointPickerConfig
plugins: [{ type: header-based-testing-filter }]
schedulingProfiles: [{ name: profile, plugins: [{ pluginRef: header-based-testing-filter }] }]
`;

test("the conformance suites' backend and picker are their own programs", async () => {
  await pods.run('echo', {
    containers: [
      {
        name: 'c',
        image: 'registry.k8s.io/gateway-api/echo-basic:v1.5.1',
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        ],
        readinessProbe: { httpGet: { port: 3000 } },
      },
    ],
  });
  const { podIP } = await pods.status('echo');
  const answer = (await (await fetch(`http://${podIP}:3000/path`)).json()) as Record<string, unknown>;
  assert.deepEqual([answer['path'], answer['pod'], answer['namespace']], ['/path', 'echo', 'default']);

  await lab.objects.apply([
    {
      apiVersion: 'inference.networking.k8s.io/v1',
      kind: 'InferencePool',
      metadata: { name: 'pool', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'model' } },
        targetPorts: [{ number: 8000 }],
        endpointPickerRef: { name: 'picker', port: { number: 9002 } },
      },
    },
    object('ServiceAccount', 'picker'),
    object('ConfigMap', 'picker', { data: { 'plugins.yaml': PLUGINS } }),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'picker' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'picker', namespace: 'default' }],
    },
  ]);
  await pods.run('picker', {
    serviceAccountName: 'picker',
    containers: [
      {
        name: 'epp',
        image: 'registry.k8s.io/gateway-api-inference-extension/epp:v1.0.1',
        args: [
          ...['--pool-name', 'pool', '--pool-namespace', 'default'],
          ...['--grpc-health-port', '9003', '--config-file', '/config/plugins.yaml'],
        ],
        volumeMounts: [{ name: 'config', mountPath: '/config' }],
        readinessProbe: { grpc: { port: 9003, service: 'inference-extension' } },
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'picker' } }],
  });
});

test('a program of an image is found by every user, wherever root has it', async () => {
  await writeFile(join(folder, 'hello'), '#!/bin/sh\necho "$(id -u) $@"\n', { mode: 0o755 });
  const container = { name: 'c', image: 'own', command: ['hello'], args: ['twice'] };
  await lab.objects.apply([pod('hello', { restartPolicy: 'OnFailure', containers: [container] })]);
  await until('it has run', async () => (await pods.status('hello')).phase === 'Succeeded', 60_000);
  assert.equal(await lab.logs('default', 'hello'), '65532 said twice\n');
});

test('an image that nobody has keeps its Pod waiting, and says so', async () => {
  await lab.objects.apply([pod('unknown', { containers: [{ name: 'c', image: 'nobody/has-this' }] })]);
  const message = await until(
    'it says why',
    async () => JSON.stringify(await pods.status('unknown')).match(/"reason":"ImagePullBackOff"/)?.[0],
    60_000,
  );
  assert.ok(message);
});
