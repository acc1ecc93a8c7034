import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from './markdown.ts';
import { apply, copyTree, recipeOf, touched } from './recipe.ts';

const run = promisify(execFile);
const steps = recipeOf('Adding a scorer');
const copy = copyTree();
const inCopy = (path: string) => join(copy.folder, path);
const importCopy = <T>(path: string) => import(pathToFileURL(inCopy(path)).href) as Promise<T>;

before(() => {
  for (const step of steps) apply(copy.folder, step);
});
after(() => copy.remove());

/** @throws with what was printed where it ends with an error */
async function runInCopy(command: string, args: readonly string[]): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await run(command, args, { cwd: copy.folder, env }).catch(
    (error: { stdout: string }) => {
      throw new Error(error.stdout, { cause: error });
    },
  );
  return stdout;
}

test('the recipe has four files, and following it touches no other', () => {
  assert.deepEqual(touched(copy.folder), steps.map(({ file }) => file).sort());
  assert.deepEqual(touched(copy.folder), [
    'docs/reference/picking.md',
    'src/picker/plugins/list.ts',
    'src/picker/plugins/scorer/load-aware-scorer.test.ts',
    'src/picker/plugins/scorer/load-aware-scorer.ts',
  ]);
});

test('its types are right', async () => {
  const files = steps.map(({ file }) => file).filter(file => file.endsWith('.ts'));
  const config = { extends: join(root, 'tsconfig.json'), files, include: [] };
  writeFileSync(inCopy('tsconfig.json'), JSON.stringify(config));
  await runInCopy(inCopy('node_modules/.bin/tsc'), ['-p', inCopy('tsconfig.json')]);
});

test('its own test, the contract of all plugins and the reference agree with it', async () => {
  const own = steps.map(({ file }) => file).filter(file => file.endsWith('.test.ts'));
  const report = await runInCopy(process.execPath, [
    '--test',
    ...own,
    'src/picker/plugins/contract.test.ts',
    'test/docs/picking.test.ts',
  ]);
  assert.match(report, /^. fail 0$/m);
});

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
  const { planOf } = await importCopy<typeof import('../support/plan-of.ts')>('test/support/plan-of.ts');
  const picking = await importCopy<typeof import('../../src/picker/index.ts')>('src/picker/index.ts');
  const known = await importCopy<typeof import('../../src/endpoints/index.ts')>('src/endpoints/index.ts');
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
