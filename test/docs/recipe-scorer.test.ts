import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecipeCopy } from './recipe-copy.ts';

const copy = new RecipeCopy('Adding a scorer');

test('the recipe has four files, and following it touches no other', () => {
  assert.deepEqual(copy.touched(), copy.files('').sort());
  assert.deepEqual(copy.touched(), [
    'docs/reference/picking.md',
    'src/picker/plugins/list.ts',
    'src/picker/plugins/scorer/load-aware-scorer.test.ts',
    'src/picker/plugins/scorer/load-aware-scorer.ts',
  ]);
});

test('its types and its form are right', () => copy.lint());

test('its own test, the contract of all plugins and the reference agree with it', () =>
  copy.test(
    ...copy.files('.test.ts'),
    'src/picker/plugins/plugin-contract.test.ts',
    'test/docs/picking.test.ts',
  ));

const POOL = (annotation: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: c }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: c, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: llm }
spec:
  parentRefs: [{ name: gw }]
  rules: [{ backendRefs: [{ group: inference.networking.k8s.io, kind: InferencePool, name: llama }] }]
---
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata:
  name: llama
  annotations: { breakwater.dev/plugins: '${annotation}' }
spec: { selector: { matchLabels: { app: llama } }, targetPorts: [{ number: 8000 }] }
${['127.0.0.1', '127.0.0.2']
  .map(
    (podIP, i) => `---
apiVersion: v1
kind: Pod
metadata: { name: llama-${i}, labels: { app: llama } }
spec: { containers: [{ name: vllm, image: vllm }] }
status: { podIP: ${podIP} }
`,
  )
  .join('')}`;

test('a pool that names it picks by it, and explains it with weight and parameter', async () => {
  const { planOf } = await copy.import<typeof import('../support/plan-of.ts')>('test/support/plan-of.ts');
  const picking = await copy.import<typeof import('../../src/picker/index.ts')>('src/picker/index.ts');
  const known = await copy.import<typeof import('../../src/endpoints/index.ts')>('src/endpoints/index.ts');
  const { EndpointTable, HealthTable } = known;
  const { Picker, poolRows, PrefixTable } = picking;
  const annotation = '[{ name: load-aware-scorer, weight: 20, parameters: { threshold: 8 } }]';
  const [pool] = planOf(POOL(annotation)).pools;
  const endpoints = EndpointTable.create(1, 2);
  const health = HealthTable.create(2);
  const picker = new Picker({ endpoints, health, prefixes: PrefixTable.create(1 << 4), random: () => 0 });
  const figures = { running: 0, kvCacheUsage: 0, modelName: '', runningAdapters: [], waitingAdapters: [] };
  for (const [slot, waiting] of [4, 2].entries())
    endpoints.setFigures(slot, { ...figures, waiting, maxAdapters: 0 }, { inFlight: 0, atMs: 1 }, 1);
  const rows = poolRows(pool!, Int32Array.of(0, 1));
  const request = { model: '', criticality: 'Standard', prompt: undefined } as const;
  const { index, runnerUp, entry } = picker.pick(rows, request, [], 1);
  assert.deepEqual([index, runnerUp], [1, 0]);
  const explained = picker.log
    .read(entry)
    ?.map(({ scores }) => scores.find(({ scorer }) => scorer === 'load-aware-scorer'));
  assert.deepEqual(explained, [
    { scorer: 'load-aware-scorer', score: 0.5, weight: 20 },
    { scorer: 'load-aware-scorer', score: 0.75, weight: 20 },
  ]);
  const wrong = planOf(POOL('[{ name: load-aware-scorer, parameters: { threshold: 0 } }]'));
  assert.match(JSON.stringify(wrong), /expected a whole number from 1 to 10000 as threshold, got 0/);
  assert.deepEqual(wrong.pools, []);
});
