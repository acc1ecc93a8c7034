import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { buildResourceSet, type Gateway, type KubeObject, parseObject } from '../../../src/api/index.ts';
import { ObjectWriter, OwnedObjects } from '../../../src/cluster/apply/index.ts';
import { type Attempt, envoyAttempts, envoyState } from '../../../src/cluster/infrastructure/index.ts';
import { until } from '../../support/until.ts';
import { Lab } from '../lab/index.ts';

const PATIENCE_MS = 120_000;
const CONTROLLER = 'example.com/controller';
const KINDS = [
  'Service',
  'ConfigMap',
  'ServiceAccount',
  'Deployment',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
];
const GATEWAYS = '/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways';

let lab: Lab;
before(async () => {
  lab = await Lab.start({ crds: ['gateway-api', 'envoy-gateway'] });
});
after(() => lab?.stop());
/** Gateways go, and by the garbage collector all that they had. */
afterEach(async () => {
  await Promise.all(open.splice(0).map(writing => writing.close()));
  await lab.objects.ask('DELETE', GATEWAYS);
  const view = new OwnedObjects({
    server: lab.server,
    kinds: KINDS,
    namespaces: [],
    onChange: () => {},
    onFault,
  });
  await until('nothing is left', () => view.isComplete && view.all().length === 0, PATIENCE_MS);
  await view.close();
});

/** Those of the test that runs. */
const open: Writing[] = [];

const onFault = ({ error }: { readonly error: Error }) => assert.fail(error);

/** The writer with its view, as a controller has them. */
class Writing {
  readonly owned: OwnedObjects;
  readonly writer: ObjectWriter;
  readonly problems: string[] = [];
  leads = true;
  #set = buildResourceSet([]);
  #attempts: readonly Attempt[] = [];

  constructor() {
    open.push(this);
    this.writer = new ObjectWriter({
      server: lab.server,
      fieldManager: 'breakwater',
      mayWrite: () => this.leads,
      onProblem: message => this.problems.push(message),
    });
    this.owned = new OwnedObjects({
      server: lab.server,
      kinds: KINDS,
      namespaces: [],
      onChange: () => this.look(),
      onFault,
    });
  }

  want(gateways: readonly Gateway[], spec: object = {}): void {
    const gatewayClass = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'c' },
      spec: {
        controllerName: CONTROLLER,
        parametersRef: {
          group: 'gateway.envoyproxy.io',
          kind: 'EnvoyProxy',
          name: 'p',
          namespace: 'default',
        },
      },
    };
    const proxy = {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: 'p', namespace: 'default' },
      spec,
    };
    const objects = [gatewayClass, proxy, ...gateways].map(raw => parseObject(raw).object!);
    const servers = gateways.map(({ metadata }) => ({
      name: `default/${metadata.name}/80`,
      gateway: { kind: 'Gateway', namespace: 'default', name: metadata.name },
      port: 80,
      bindPort: 10_080,
      protocol: 'HTTP' as const,
      listeners: [],
    }));
    const bootstrap = { xdsHost: 'xds.example', xdsPort: 18_000 };
    this.#set = buildResourceSet(objects.map(object => ({ object })));
    this.#attempts = envoyAttempts({ set: this.#set, controllerName: CONTROLLER, servers, bootstrap });
    this.look();
  }

  look(): void {
    if (!this.owned.isComplete) return;
    this.writer.want(envoyState(this.#set, CONTROLLER, this.#attempts, this.owned.all()));
  }

  /** Nothing is left to write; so many objects there are. */
  async settled(count: number): Promise<void> {
    const says = () =>
      `${this.owned.all().length} objects, ${this.writer.waiting} waiting, ${JSON.stringify(this.writer.counts)}, ${this.problems}`;
    await until(
      `${count} objects are written`,
      () => this.owned.all().length === count && this.writer.waiting === 0,
      PATIENCE_MS,
    ).catch(error => {
      throw new Error(`${error.message}: ${says()}`);
    });
  }

  find(kind: string): KubeObject & { spec: Record<string, never> } {
    return this.owned.all().find(each => each.kind === kind) as never;
  }

  async close(): Promise<void> {
    this.writer.close();
    await this.owned.close();
  }
}

async function gateway(name: string): Promise<Gateway> {
  const object = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: 'default' },
    spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  };
  await lab.objects.apply([object]);
  return (await lab.objects.ask('GET', `${GATEWAYS}/${name}`)) as Gateway;
}

const EVERYTHING = {
  provider: {
    type: 'Kubernetes',
    kubernetes: {
      envoyDeployment: {
        replicas: 2,
        container: { resources: { requests: { cpu: '1000m', memory: '1024Mi' } } },
      },
      envoyPDB: { maxUnavailable: 1 },
      envoyService: { annotations: { a: 'b' } },
    },
  },
};

test('what an API server has, it is not told again, also not after a restart', async () => {
  const it = await gateway('quiet');
  const first = new Writing();
  first.want([it], EVERYTHING);
  await first.settled(5);
  assert.deepEqual(first.problems, []);
  const { applied } = first.writer.counts;
  assert.equal(applied, 5);
  // An API server has other words for its quantities.
  assert.match(JSON.stringify(first.find('Deployment')), /"cpu":"1"/);
  const before = versions(first);
  await first.close();
  const second = new Writing();
  second.want([it], EVERYTHING);
  // What it does not know to be the same, for it has other words there, is applied once.
  await until('it has looked', () => second.writer.counts.applied === 1, PATIENCE_MS);
  await second.settled(5);
  const after = versions(second);
  for (const [name, version] of before) assert.equal(after.get(name), version, name);
  second.look();
  assert.equal(second.writer.waiting, 0);
});

test('what somebody else changes is mended; fields that are not wanted any more go, those of others stay', async () => {
  const writing = new Writing();
  const it = await gateway('mended');
  writing.want([it], EVERYTHING);
  await writing.settled(5);
  const { name } = writing.find('Service').metadata;
  const path = `/api/v1/namespaces/default/services/${name}`;
  const patch = { spec: { type: 'NodePort' }, metadata: { annotations: { theirs: 'x' } } };
  await lab.objects.ask('PATCH', path, patch, 'application/merge-patch+json');
  await until(
    'it is mended',
    () => (writing.find('Service').spec as never)['type'] === 'LoadBalancer',
    PATIENCE_MS,
  );
  writing.want([it], { provider: { type: 'Kubernetes' } });
  await writing.settled(4);
  await until(
    'the annotation is gone',
    () => writing.find('Service').metadata.annotations?.['a'] === undefined,
    PATIENCE_MS,
  );
  assert.equal(writing.find('Service').metadata.annotations?.['theirs'], 'x');
  assert.equal(writing.find('PodDisruptionBudget'), undefined, 'what is not wanted is deleted');
});

test('an object that somebody else has made is left alone, and told of', async () => {
  const taken = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'taken', namespace: 'default' },
  };
  await lab.objects.apply([taken]);
  const writing = new Writing();
  writing.want([await gateway('shy')], {
    provider: { type: 'Kubernetes', kubernetes: { envoyServiceAccount: { name: 'taken' } } },
  });
  await until('it is told', () => writing.problems.length > 0, PATIENCE_MS);
  assert.deepEqual(writing.problems, [
    'ServiceAccount default/taken cannot be written: there is one already that somebody else has made',
  ]);
  const read = (await lab.objects.ask(
    'GET',
    '/api/v1/namespaces/default/serviceaccounts/taken',
  )) as KubeObject;
  assert.equal(read.metadata.labels, undefined);
});

test('who does not lead writes nothing', async () => {
  const writing = new Writing();
  writing.leads = false;
  writing.want([await gateway('led')]);
  await until('the view is complete', () => writing.owned.isComplete, PATIENCE_MS);
  writing.look();
  assert.equal(writing.writer.waiting, 0);
  writing.leads = true;
  writing.writer.resume();
  await writing.settled(4);
});

test('200 Gateways are written, and go with their objects', async t => {
  const gateways: Gateway[] = [];
  for (let index = 0; index < 200; index++) gateways.push(await gateway(`many-${index}`));
  const writing = new Writing();
  const begun = performance.now();
  writing.want(gateways);
  await writing.settled(800);
  t.diagnostic(`800 objects in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  assert.equal(writing.writer.counts.applied, 800);
  const looked = performance.now();
  writing.look();
  t.diagnostic(`a look at them: ${(performance.now() - looked).toFixed(0)} ms`);
  assert.equal(writing.writer.waiting, 0);
  await lab.objects.ask('DELETE', GATEWAYS);
  writing.want([]);
  await writing.settled(0);
  assert.equal(writing.writer.counts.deleted, 0, 'the garbage collector did it');
});

/** Of those whose status nobody writes. */
function versions(writing: Writing): Map<string, string | undefined> {
  const kinds = ['Service', 'ConfigMap', 'ServiceAccount'];
  const still = writing.owned.all().filter(({ kind }) => kinds.includes(kind));
  return new Map(still.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.resourceVersion]));
}
