import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { GatewayBench, stopInstalled } from './support/gateways.ts';

const PATIENCE_MS = 180_000;
const CLASSES = '/apis/gateway.networking.k8s.io/v1/gatewayclasses';
const GATEWAYS = '/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways';
const ROUTES = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';
const MERGE = 'application/merge-patch+json';
const NAME = 'gateway.envoyproxy.io/gatewayclass-controller';
const THEIRS = 'envoy-gateway-system';

let lab: Lab;
let bench: GatewayBench;

before(async () => {
  lab = await Lab.start({ images: labImages });
  bench = new GatewayBench(lab);
});
after(() => stopInstalled(lab));

/** What an Envoy Gateway is, as far as it can be seen: its Deployment, which runs nothing here. */
function envoyGateway(replicas: number): object {
  const labels = { 'control-plane': 'envoy-gateway' };
  const container = { name: 'c', image: 'busybox', command: ['sleep', 'infinity'] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'envoy-gateway', namespace: THEIRS, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
    },
  };
}

function config(controllerName: string): object {
  const text = `apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: EnvoyGateway\ngateway:\n  controllerName: ${controllerName}\n`;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'envoy-gateway-config', namespace: THEIRS },
    data: { 'envoy-gateway.yaml': text },
  };
}

/** What an Envoy Gateway says of a route. */
const ENTRY = {
  controllerName: NAME,
  conditions: [
    {
      type: 'Accepted',
      status: 'True',
      reason: 'Accepted',
      message: 'theirs',
      observedGeneration: 1,
      lastTransitionTime: '2025-01-01T00:00:00Z',
    },
  ],
};

interface Versioned {
  readonly metadata: { readonly resourceVersion: string };
  readonly status?: {
    readonly parents?: readonly { readonly conditions: readonly { readonly message: string }[] }[];
  };
}

/** Of what both controllers say something of. */
async function versions(): Promise<string[]> {
  const paths = [`${CLASSES}/breakwater`, `${GATEWAYS}/one`, `${ROUTES}/one`];
  const objects = await Promise.all(paths.map(path => lab.objects.ask('GET', path)));
  return (objects as Versioned[]).map(({ metadata }) => metadata.resourceVersion);
}

async function theirs(route: string): Promise<string | undefined> {
  const { status } = (await lab.objects.ask('GET', `${ROUTES}/${route}`)) as Versioned;
  return status?.parents?.[0]?.conditions.map(each => each.message).find(each => each === 'theirs');
}

interface GatewayClass {
  readonly metadata: { readonly generation: number };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

async function accepted(name: string): Promise<string | undefined> {
  const { status } = (await lab.objects.ask('GET', `${CLASSES}/${name}`)) as GatewayClass;
  return status?.conditions?.find(({ type }) => type === 'Accepted')?.status;
}

/** As an Envoy Gateway does that answers for it. */
async function acceptTheirs(name: string): Promise<void> {
  const condition = { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Valid GatewayClass' };
  const conditions = [{ ...condition, observedGeneration: 1, lastTransitionTime: '2025-01-01T00:00:00Z' }];
  await lab.objects.ask(
    'PATCH',
    `${CLASSES}/${name}/status?fieldManager=envoy-gateway`,
    { status: { conditions } },
    MERGE,
  );
}

async function events(name: string): Promise<string[]> {
  const { items } = (await lab.objects.ask('GET', '/apis/events.k8s.io/v1/namespaces/default/events')) as {
    items: { reason: string; note: string; regarding: { kind: string; name: string } }[];
  };
  return items
    .filter(({ reason, regarding }) => reason === 'Contested' && regarding.name === name)
    .map(({ note }) => note);
}

test('beside an Envoy Gateway of the same controllerName a class is served by nobody here, until the two are told apart', async () => {
  await lab.objects.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: THEIRS } },
    envoyGateway(1),
    ...installObjects({
      ...defaultInstallOptions(packageVersion()),
      plane: 'envoy',
      replicas: 1,
      gatewayClass: 'breakwater',
    }),
  ]);
  await bench.backend('default');
  await bench.gateway('default', 'one');
  const [note] = await until(
    'an Event says so',
    async () => {
      const notes = await events('breakwater');
      return notes.length === 0 ? undefined : notes;
    },
    PATIENCE_MS,
  );
  assert.match(
    note!,
    /^GatewayClass breakwater is not served: Envoy Gateway \(Deployment envoy-gateway-system\/envoy-gateway\) /,
  );
  assert.notEqual(await accepted('breakwater'), 'True');
  assert.deepEqual([...(await bench.versions('default')).keys()], []);

  await lab.objects.apply([config('example.com/theirs')]);
  const address = await bench.programmed('default', 'one');
  await bench.answers(address, 'one.example');
  assert.equal(await accepted('breakwater'), 'True');
});

test('an Envoy Gateway that comes later takes no class away that only we have accepted', async () => {
  await lab.objects.apply([config(NAME)]);
  await bench.gateway('default', 'two');
  const address = await bench.programmed('default', 'two');
  await bench.answers(address, 'two.example');
});

test('a class that it takes all the same is served on: what we say of it is its to say, and nobody writes against it', async () => {
  const address = await bench.programmed('default', 'one');
  await lab.objects.ask('DELETE', '/apis/events.k8s.io/v1/namespaces/default/events');
  await acceptTheirs('breakwater');
  const notes = await until(
    'an Event says so',
    async () => {
      const all = await events('breakwater');
      return all.length === 0 ? undefined : all;
    },
    PATIENCE_MS,
  );
  assert.match(notes[0]!, /^GatewayClass breakwater is served as before, but no status /);
  const saysTheirs = { parents: [{ ...ENTRY, parentRef: { name: 'one' } }] };
  await lab.objects.ask(
    'PATCH',
    `${ROUTES}/one/status?fieldManager=envoy-gateway`,
    { status: saysTheirs },
    MERGE,
  );
  const before = await versions();

  await lab.objects.apply([bench.route('default', 'more', 'one', 'more.example')]);
  await bench.answers(address, 'more.example');
  assert.equal(await bench.status(address, 'one.example'), 200);
  assert.deepEqual(await versions(), before);

  await lab.objects.apply([config('example.com/theirs')]);
  await until('what is said is ours again', async () => (await theirs('one')) === undefined, PATIENCE_MS);
});
