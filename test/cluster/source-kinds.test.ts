import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { KubeObject, ResourceSet } from '../../src/api/index.ts';
import { loadApiServer } from '../../src/cluster/api-server/index.ts';
import { clusterSource } from '../../src/cluster/source/index.ts';
import { fileSource, type Source } from '../../src/source/index.ts';
import { until } from '../support/until.ts';
import { Lab } from './lab/index.ts';
import { Forwarder } from './support/forwarder.ts';
import { route, routesOf } from './support/routes.ts';

const page = join(import.meta.dirname, '../../examples/circuit-breaking');
const FILES = ['gateway.yaml', 'inference_app.yaml', 'inference_rules.yaml', 'sleep.yaml'];

let lab: Lab;
const closing: (() => Promise<void>)[] = [];

before(async () => {
  lab = await Lab.start({ crds: ['gateway-api'], controllers: false });
});
after(() => lab.stop());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(options: Partial<Parameters<typeof clusterSource>[0]> = {}): Promise<Source> {
  const source = await clusterSource({ server: lab.server, ...options });
  closing.push(() => source.close());
  return source;
}

test('kinds whose CRDs are not there are none; installed later, they are read', async () => {
  const source = await open();
  assert.deepEqual(source.problems(), []);
  assert.deepEqual(source.current().list('InferenceModel'), []);
  for (const group of ['inference', 'inference-v1alpha2', 'envoy-gateway'] as const)
    await lab.applyCrds(group);
  await lab.objects.apply(readFileSync(join(page, 'inference_rules.yaml'), 'utf8'));
  await until(
    'the InferenceModel is there',
    () => (source.current().list('InferenceModel').length === 1 ? true : undefined),
    30_000,
  );
  assert.deepEqual(source.problems(), []);
});

test("the page's four files are the same by files and by the API server, but for what only an API server says", async () => {
  for (const file of FILES) await lab.objects.apply(readFileSync(join(page, file), 'utf8'));
  const byServer = await open();
  const byFiles = await fileSource({ paths: FILES.map(file => join(page, file)), watch: false });
  closing.push(() => byFiles.close());
  assert.deepEqual(byServer.problems(), []);
  const found = new Map(written(byServer.current()).map(object => [titleOf(object), object]));
  for (const object of written(byFiles.current())) {
    const same = found.get(titleOf(object));
    if (isReadInPart(object)) assert.partialDeepStrictEqual(same, object);
    else assert.deepEqual(same, object);
  }
});

/** Kinds of Kubernetes itself, and EnvoyProxy: of those `src/api` knows the fields that it acts on, and no other's default. */
function isReadInPart({ apiVersion, kind }: KubeObject): boolean {
  return ['v1', 'apps/v1'].includes(apiVersion) || kind === 'EnvoyProxy';
}

/** Without what the API server adds to metadata, and what controllers write. */
function written(set: ResourceSet): KubeObject[] {
  return set.all().map(object => {
    const { status: _, ...rest } = object;
    const { name, namespace, labels, annotations } = object.metadata;
    const said = Object.entries({ name, namespace, labels, annotations }).filter(
      ([, value]) => value !== undefined,
    );
    const text = JSON.stringify({ ...rest, metadata: Object.fromEntries(said) }, asQuantities);
    return JSON.parse(text) as KubeObject;
  });
}

/** resource.Quantity: a number is written as text. */
function asQuantities(key: string, value: unknown): unknown {
  if (key !== 'limits' && key !== 'requests') return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, String(each)]));
}

function titleOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

test('only the namespaces that are asked for are read', async () => {
  await lab.objects.apply(
    ['one', 'two', 'three'].map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  );
  const inNamespace = (namespace: string) => ({
    ...route(namespace, 'a.example.com'),
    metadata: { name: namespace, namespace },
  });
  await lab.objects.apply(['one', 'two', 'three'].map(inNamespace));
  const source = await open({ namespaces: ['one', 'three'] });
  assert.equal(routesOf(source), 'one a.example.com, three a.example.com');
  assert.ok(source.current().list('Namespace').length > 3, 'kinds without a namespace are read all the same');
});

const ROLE = (resources: readonly string[]) => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [
      {
        apiGroups: ['gateway.networking.k8s.io', ''],
        resources,
        verbs: ['list', 'watch'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
  },
];

test('a kind that must not be read is said so and holds up nothing else; once it may be, it is read', async () => {
  await lab.objects.apply(ROLE(['gateways', 'services']));
  const server = await loadApiServer({ kubeconfig: await lab.serviceAccount('reader') });
  closing.push(async () => server.close());
  const source = await open({ server, kinds: ['Gateway', 'HTTPRoute', 'Service'] });
  const [problem, ...others] = source.problems();
  assert.deepEqual(others, []);
  assert.match(
    problem?.message ?? '',
    /^HTTPRoute cannot be read, .* is forbidden: .*; the controller needs the verbs list and watch for httproutes\.gateway\.networking\.k8s\.io$/,
  );
  assert.equal(source.current().list('Gateway').length, 1);
  assert.equal(source.current().list('HTTPRoute').length, 0);
  await lab.objects.apply(ROLE(['gateways', 'services', 'httproutes']));
  await until(
    'routes are read',
    () => (source.current().list('HTTPRoute').length > 0 ? true : undefined),
    30_000,
  );
  await until('no problem is left', () => (source.problems().length === 0 ? true : undefined));
});

test('a right that is taken away leaves the last objects, and the other kinds are followed', async () => {
  await lab.objects.apply(ROLE(['gateways', 'services', 'httproutes']));
  const way = await Forwarder.start(lab.controlPlane.port);
  closing.push(() => way.stop());
  const server = await loadApiServer({
    kubeconfig: await way.kubeconfig(await lab.serviceAccount('reader')),
  });
  closing.push(async () => server.close());
  const source = await open({ server, kinds: ['HTTPRoute', 'Service'] });
  const before = routesOf(source);
  assert.notEqual(before, '');
  await lab.objects.apply(ROLE(['services']));
  // A watch that runs goes on: the API server looks at rights when one begins.
  way.cutAll();
  await until('it is said', () =>
    source.problems().some(({ message }) => /^HTTPRoute .* is forbidden/.test(message)) ? true : undefined,
  );
  assert.equal(routesOf(source), before);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'later' },
    spec: { ports: [{ port: 1 }] },
  };
  await lab.objects.apply([service]);
  await until('Services are followed', () =>
    source.current().get('Service', 'default', 'later') === undefined ? undefined : true,
  );
});
