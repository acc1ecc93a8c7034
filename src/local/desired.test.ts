import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredWorkloads, type SimulateMode } from './desired.ts';
import { manifests } from './workloads-for-test.ts';

interface Container {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly image?: string;
  readonly [field: string]: unknown;
}

function pod(container: Container, status?: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { app: 'llm' } },
    spec: { containers: [{ name: 'c', image: 'x', ...container }] },
    ...(status === undefined ? {} : { status }),
  });
}

const POOL = `
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: {name: pool}
spec:
  selector: {matchLabels: {app: llm}}
  targetPorts: [{number: 8080}]
  endpointPickerRef: {name: epp, port: {number: 9002}}
`;

function desired(mode: SimulateMode, ...texts: string[]) {
  const [workload] = desiredWorkloads(manifests(...texts), mode, []);
  return workload!;
}

function server(...texts: string[]) {
  const workload = desired('auto', ...texts);
  assert.equal(workload.what, 'simulated');
  return workload.what === 'simulated' ? workload.replicas[0]!.server : undefined!;
}

const VLLM = { command: ['vllm', 'serve', 'm', '--port', '81'] };

test('what is done with a Pod depends on its address, its command and --simulate', () => {
  const external = { podIP: '10.1.2.3', phase: 'Running' };
  const unknown = { command: ['my-server'] };
  const table: readonly (readonly [SimulateMode, Container, object | undefined, string, string])[] = [
    ['auto', VLLM, undefined, '', 'simulated'],
    ['auto', VLLM, external, '', 'external'],
    ['auto', unknown, undefined, POOL, 'not-run'],
    ['auto', unknown, external, POOL, 'external'],
    ['never', VLLM, undefined, '', 'not-run'],
    ['never', VLLM, external, '', 'external'],
    ['always', VLLM, external, '', 'simulated'],
    ['always', unknown, undefined, POOL, 'simulated'],
    ['always', unknown, undefined, '', 'not-run'],
    ['always', unknown, external, '', 'external'],
  ];
  for (const [mode, container, status, pool, what] of table)
    assert.equal(desired(mode, pod(container, status), ...(pool === '' ? [] : [pool])).what, what);
});

test('reasons are plain words', () => {
  const reason = (workload: ReturnType<typeof desired>) =>
    'reason' in workload ? workload.reason : undefined;
  assert.equal(reason(desired('never', pod(VLLM))), 'simulation is switched off (--simulate=never)');
  assert.equal(
    reason(desired('auto', pod({ image: 'nginx' }))),
    'image nginx is not a model server that can be simulated',
  );
  assert.equal(
    reason(desired('auto', pod({ command: ['vllm', 'serve', 'm', '--max-num-seqs', 'x'] }))),
    "would not start: argument --max-num-seqs: invalid int value: 'x'",
  );
});

test('the port is that of the command line, else the declared one, else of the environment', () => {
  const ports = [{ containerPort: 7000 }, { name: 'http', containerPort: 7001 }];
  const env = [{ name: 'PORT', value: '7002' }];
  const command = ['vllm', 'serve', 'm'];
  assert.equal(server(pod({ ...VLLM, ports, env })).port, 81);
  assert.equal(server(pod({ command, ports, env })).port, 7001);
  assert.equal(server(pod({ command, env })).port, 7002);
  assert.equal(server(pod({ command })).port, 8000);
});

test('variables of the command line come from env, envFrom and ConfigMaps', () => {
  const configMap = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { LENGTH: '1024', SEQS: '7' },
  });
  const { options } = server(
    configMap,
    pod({
      command: [
        'vllm',
        'serve',
        '$(BASE)/llama',
        '--max-model-len=$(LLM_LENGTH)',
        '--max-num-seqs',
        '$(MOST)',
      ],
      args: ['--served-model-name', '$$(NAME)'],
      envFrom: [{ prefix: 'LLM_', configMapRef: { name: 'settings' } }],
      env: [
        { name: 'ROOT', value: '/models' },
        { name: 'BASE', value: '$(ROOT)/7b' },
        { name: 'MOST', valueFrom: { configMapKeyRef: { name: 'settings', key: 'SEQS' } } },
      ],
    }),
  );
  assert.equal(options.model, '/models/7b/llama');
  assert.equal(options.maxModelLen, 1024);
  assert.equal(options.maxNumSeqs, 7);
  assert.deepEqual(options.servedModelNames, ['$(NAME)']);
});

test("a file of a ConfigMap is found by its key's path, its items and its subPath", () => {
  const configMap = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'files' },
    data: { a: 'A', b: 'B' },
  });
  const mounted = (path: string, mount: object, items?: object[]) =>
    server(
      configMap,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: {
          containers: [
            {
              name: 'c',
              command: ['vllm', 'serve', 'm', '--chat-template', path],
              volumeMounts: [{ name: 'v', ...mount }],
            },
          ],
          volumes: [{ name: 'v', configMap: { name: 'files', ...(items === undefined ? {} : { items }) } }],
        },
      }),
    ).files[path];
  assert.equal(mounted('/etc/t/a', { mountPath: '/etc/t/' }), 'A');
  assert.equal(mounted('/etc/t/x/y', { mountPath: '/etc/t' }, [{ key: 'b', path: 'x/y' }]), 'B');
  assert.equal(mounted('/etc/one.jinja', { mountPath: '/etc/one.jinja', subPath: 'b' }), 'B');
  assert.equal(mounted('/elsewhere', { mountPath: '/etc/t' }), undefined);
});
