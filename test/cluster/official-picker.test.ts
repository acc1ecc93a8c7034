import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootstrapJson } from '../../src/envoy/envoy-bootstrap.ts';
import { Workplace } from '../e2e/cli-process.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { object, TestPods } from './support/pods.ts';

/**
 * The Inference Extension's own endpoint picker, as it is released: in a Pod, over TLS with the certificate that it has signed
 * itself. It picks who is named by a header of the request; model servers are simulators.
 */
const PLANES = ['embedded', 'envoy'] as const;
const PATIENCE_MS = 120_000;
const SERVERS = ['model-a', 'model-b', 'model-c'] as const;
const PLUGINS = `
apiVersion: inference.networking.x-k8s.io/v1alpha1
kind: EndpointPickerConfig
plugins: [{ type: header-based-testing-filter }]
schedulingProfiles: [{ name: profile, plugins: [{ pluginRef: header-based-testing-filter }] }]
`;

type Plane = (typeof PLANES)[number];
const place = new Workplace();
const ports = new Map<Plane, number>();
const addresses = new Map<string, string>();
let lab: Lab;
let pods: TestPods;
let envoy: EnvoyProcess | undefined;

before(async () => {
  lab = await Lab.start({ images: labImages });
  pods = new TestPods(lab);
  await lab.objects.apply([...pickerObjects(), ...(await gatewayObjects())]);
  for (const name of SERVERS) {
    const command = ['vllm', 'serve', '/model/llama2', '--port', '8000', '--max-model-len', '200000'];
    const readinessProbe = { tcpSocket: { port: 8000 } };
    await pods.run(
      name,
      { containers: [{ name: 'c', image: 'vllm', command, readinessProbe }] },
      { app: 'model' },
    );
    addresses.set(name, (await pods.status(name)).podIP ?? '');
  }
  await runPicker();
  for (const plane of PLANES) await startController(plane);
});

after(async () => {
  await envoy?.stop();
  await place.close();
  await lab?.stop();
});

for (const plane of PLANES) {
  test(`${plane}: goes where the picker says`, async () => {
    for (const name of SERVERS) {
      const before = await served(name);
      for (let i = 0; i < 5; i++) assert.equal((await ask(plane, { pick: [name] })).status, 200);
      assert.equal((await served(name)) - before, 5, name);
    }
    const before = await served('model-c');
    for (let i = 0; i < 10; i++)
      assert.equal((await ask(plane, { pick: ['model-a', 'model-b'] })).status, 200);
    assert.equal(await served('model-c'), before);
  });

  test(`${plane}: a request without a body goes somewhere`, async () => {
    const response = await fetch(`${urlOf(plane)}/v1/models`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /"\/model\/llama2"/);
  });

  test(`${plane}: bodies of many pieces arrive whole, answers come as they are made, with what the picker adds`, async () => {
    const words = 50_000;
    const response = await ask(plane, { pick: ['model-b'], content: 'word '.repeat(words), stream: true });
    assert.equal(response.status, 200);
    // Its mark in each head of a response.
    assert.equal(response.headers.get('x-went-into-resp-headers'), 'true');
    const text = await response.text();
    assert.ok(text.trimEnd().endsWith('data: [DONE]'), text.slice(-200));
    const [, tokens] = /"prompt_tokens":(\d+)/.exec(text) ?? [];
    assert.ok(Number(tokens) >= words, `prompt_tokens: ${tokens}`);
  });

  test(`${plane}: what the picker answers itself is the answer`, async () => {
    const nobody = await ask(plane, { pick: [] });
    assert.deepEqual(
      [nobody.status, (await nobody.text()).split(' - ')[0]],
      [429, 'inference gateway: InferencePoolResourceExhausted'],
    );
    const bad = await fetch(`${urlOf(plane)}/v1/completions`, { method: 'POST', body: 'no JSON' });
    assert.equal(bad.status, 400, await bad.text());
  });
}

test('each Gateway has its entry in the status of the pool', async () => {
  const path = '/apis/inference.networking.k8s.io/v1/namespaces/default/inferencepools/pool';
  const { status } = (await lab.objects.ask('GET', path)) as {
    status: { parents: { parentRef: { name: string }; conditions: { type: string; status: string }[] }[] };
  };
  assert.deepEqual(status.parents.map(({ parentRef }) => parentRef.name).sort(), [...PLANES].sort());
  for (const { conditions } of status.parents)
    assert.deepEqual(
      conditions.map(condition => `${condition.type} ${condition.status}`),
      ['Accepted True', 'ResolvedRefs True'],
    );
});

test('the picker is gone: FailClose; it is back: as before', async () => {
  await lab.objects.ask('DELETE', '/api/v1/namespaces/default/pods/picker');
  for (const plane of PLANES)
    await until(`${plane} refuses`, async () => (await ask(plane, {})).status === 503, PATIENCE_MS);
  await until(
    'the Pod is gone',
    async () => (await lab.server.request('GET', '/api/v1/namespaces/default/pods/picker')).status === 404,
    PATIENCE_MS,
  );
  await runPicker();
  for (const plane of PLANES)
    await until(`${plane} serves`, async () => (await ask(plane, {})).status === 200, PATIENCE_MS);
});

interface Question {
  /** Model servers that the picker may pick. */
  readonly pick?: readonly string[];
  readonly content?: string;
  readonly stream?: boolean;
}

async function ask(plane: Plane, { pick = SERVERS, content = 'Hi', stream = false }: Question) {
  const body = {
    model: '/model/llama2',
    max_tokens: 3,
    messages: [{ role: 'user', content }],
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  };
  return await fetch(`${urlOf(plane)}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'test-epp-endpoint-selection': pick.map(name => addresses.get(name)).join(',') || 'nobody',
    },
    body: JSON.stringify(body),
  });
}

function urlOf(plane: Plane): string {
  return `http://127.0.0.1:${ports.get(plane)}`;
}

/** Requests that a model server has answered. */
async function served(name: string): Promise<number> {
  const text = await (await fetch(`http://${addresses.get(name)}:8000/metrics`)).text();
  return [...text.matchAll(/^vllm:request_success_total\{.*\} (\S+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

async function runPicker(): Promise<void> {
  await pods.run(
    'picker',
    {
      serviceAccountName: 'picker',
      containers: [
        {
          name: 'epp',
          image: 'registry.k8s.io/gateway-api-inference-extension/epp:v1.0.1',
          args: [
            ...['--pool-name', 'pool', '--pool-namespace', 'default', '--grpc-port', '9002'],
            ...['--grpc-health-port', '9003', '--config-file', '/config/plugins.yaml'],
          ],
          volumeMounts: [{ name: 'config', mountPath: '/config' }],
          readinessProbe: { grpc: { port: 9003, service: 'inference-extension' }, periodSeconds: 1 },
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'picker' } }],
    },
    { app: 'picker' },
  );
}

async function startController(plane: Plane): Promise<void> {
  const xds = await freePort();
  const { output } = place.start([
    ...['controller', '--plane', plane, '--controller-name', `example.com/${plane}`],
    ...['--kubeconfig', lab.kubeconfig, '--lease-namespace', plane],
    ...['--info-address', '127.0.0.1', '--info-port', '0', '--admin-address', '127.0.0.1:0'],
    ...(plane === 'envoy' ? ['--xds-port', String(xds), '--picker-port', '0'] : ['--workers', '1']),
  ]);
  await output.until(/leads as/);
  if (plane === 'envoy') {
    envoy = await EnvoyProcess.start(
      bootstrapJson({
        nodeId: 'by-hand',
        nodeCluster: 'default/envoy',
        xds: { host: '127.0.0.1', port: xds },
        admin: { host: '127.0.0.1', port: 0 },
      }),
    );
  }
  await until(
    `${plane} serves`,
    async () => (await ask(plane, {}).catch(() => undefined))?.status === 200,
    PATIENCE_MS,
  ).catch(error => {
    throw new Error(`${error.message}\n${output.output}\n${envoy?.log.slice(-3000) ?? ''}`);
  });
}

function pickerObjects(): object[] {
  const kinds = 'rbac.authorization.k8s.io';
  return [
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
    object('Service', 'picker', {
      spec: { selector: { app: 'picker' }, ports: [{ port: 9002, appProtocol: 'http2' }] },
    }),
    object('ServiceAccount', 'picker'),
    object('ConfigMap', 'picker', { data: { 'plugins.yaml': PLUGINS } }),
    {
      apiVersion: `${kinds}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'picker' },
      roleRef: { apiGroup: kinds, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'picker', namespace: 'default' }],
    },
  ];
}

/** A Gateway for each plane; both lead to the pool. */
async function gatewayObjects(): Promise<object[]> {
  const api = 'gateway.networking.k8s.io/v1';
  const objects: object[] = [];
  for (const plane of PLANES) {
    const port = await freePort();
    ports.set(plane, port);
    objects.push(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: plane } },
      {
        apiVersion: api,
        kind: 'GatewayClass',
        metadata: { name: plane },
        spec: { controllerName: `example.com/${plane}` },
      },
      {
        apiVersion: api,
        kind: 'Gateway',
        metadata: { name: plane, namespace: 'default' },
        spec: { gatewayClassName: plane, listeners: [{ name: 'http', protocol: 'HTTP', port }] },
      },
      {
        apiVersion: api,
        kind: 'HTTPRoute',
        metadata: { name: plane, namespace: 'default' },
        spec: {
          parentRefs: [{ name: plane }],
          rules: [
            { backendRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }] },
          ],
        },
      },
    );
  }
  return objects;
}
