import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { seed, type Up, Workplace } from '../e2e/cli-process.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { Lab } from './lab/index.ts';

const GATEWAY = '/apis/gateway.networking.k8s.io/v1';
const CLASS = `${GATEWAY}/gatewayclasses/example-gateway-class`;
const THE_GATEWAY = `${GATEWAY}/namespaces/default/gateways/example-gateway`;
const ROUTES = `${GATEWAY}/namespaces/default/httproutes`;
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases/breakwater-controller';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
}

interface Entry {
  readonly controllerName?: string;
  readonly parentRef?: { readonly name: string };
  readonly conditions: readonly Condition[];
}

interface Read {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly generation: number };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly value: string }[];
    readonly parents?: readonly Entry[];
    readonly parent?: readonly Entry[];
    readonly ancestors?: readonly Entry[];
  };
}

const place = new Workplace();
let lab: Lab;

before(async () => {
  lab = await Lab.start({ controllers: false });
});

after(async () => {
  await place.close();
  await lab?.stop();
});

const read = (path: string) => lab.objects.ask('GET', path) as Promise<Read>;

/** The page's listener has port 80; here, whichever is free. */
async function start(): Promise<Up> {
  const common = ['--kubeconfig', lab.kubeconfig, '--lease-namespace', 'default', '--workers', '1'];
  const ports = [
    '--info-address',
    '127.0.0.1',
    '--info-port',
    '0',
    '--port-offset',
    `${(await freePort()) - 80}`,
  ];
  return place.start(['controller', ...common, ...ports]).output;
}

function isTrue(conditions: readonly Condition[] | undefined, ...types: string[]): true | undefined {
  const met = types.every(type => conditions?.some(each => each.type === type && each.status === 'True'));
  return met ? true : undefined;
}

async function infoOf(up: Up, path: string): Promise<Response> {
  const [, url = ''] = await up.until(/readiness and metrics {2}(\S+)/);
  return await fetch(`${url}${path}`);
}

async function figure(up: Up, name: string): Promise<number> {
  const text = await (await infoOf(up, '/metrics')).text();
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
  return Number(value ?? 0);
}

const WRITTEN = 'breakwater_controller_status_writes_total\\{outcome="written"\\}';

test("the page's four files get their statuses, once; a second controller stands by and takes over", async t => {
  for (const file of readdirSync(seed).sort())
    await lab.objects.apply(readFileSync(join(seed, file), 'utf8'));
  const first = await start();
  await first.until(/leads as/);

  await t.test('every status says that it is taken', async () => {
    await until('the class is accepted', async () =>
      isTrue((await read(CLASS)).status?.conditions, 'Accepted'),
    );
    await until('the Gateway is programmed', async () =>
      isTrue((await read(THE_GATEWAY)).status?.conditions, 'Accepted', 'Programmed'),
    );
    const list = (await lab.objects.ask('GET', ROUTES)) as { items: Read[] };
    assert.ok(list.items.length > 0);
    for (const { metadata } of list.items)
      await until(`the route ${metadata.name} is accepted`, async () =>
        isTrue((await read(`${ROUTES}/${metadata.name}`)).status?.parents?.[0]?.conditions, 'Accepted'),
      );
    const policies = '/apis/gateway.envoyproxy.io/v1alpha1/backendtrafficpolicies';
    for (const { status, metadata } of ((await lab.objects.ask('GET', policies)) as { items: Read[] })
      .items) {
      assert.ok(isTrue(status?.ancestors?.[0]?.conditions, 'Accepted'), metadata.name);
      assert.equal(status?.ancestors?.[0]?.conditions[0]?.observedGeneration, metadata.generation);
    }
    const pools = '/apis/inference.networking.x-k8s.io/v1alpha2/inferencepools';
    for (const { status } of ((await lab.objects.ask('GET', pools)) as { items: Read[] }).items) {
      assert.ok(isTrue(status?.parent?.[0]?.conditions, 'Accepted'), JSON.stringify(status));
      assert.equal(status?.parent?.length, 1, 'the default of the CRD is gone');
    }
    assert.equal((await infoOf(first, '/readyz')).status, 200);
  });

  await t.test('nothing is written that is there', async () => {
    await until('all is written', async () =>
      (await figure(first, 'breakwater_controller_status_waiting')) === 0 ? true : undefined,
    );
    const written = await figure(first, WRITTEN);
    // Another object's change makes a cycle; what is there stays.
    await lab.objects.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'more' } }]);
    await lab.objects.apply([route('other', 'no-such-gateway'), route('mine', 'example-gateway')]);
    await until('the new route has a status', async () =>
      isTrue((await read(`${ROUTES}/mine`)).status?.parents?.[0]?.conditions, 'Accepted'),
    );
    await until('all is written', async () =>
      (await figure(first, 'breakwater_controller_status_waiting')) === 0 ? true : undefined,
    );
    // The new route, and the Gateway's attachedRoutes.
    assert.ok((await figure(first, WRITTEN)) - written <= 3, first.output);
    assert.equal((await read(`${ROUTES}/other`)).status?.parents, undefined);
  });

  await t.test("another controller's entries stay; ours go when the route goes elsewhere", async () => {
    const theirs = {
      controllerName: 'example.com/other',
      parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'theirs' },
      conditions: [
        {
          type: 'Accepted',
          status: 'True',
          reason: 'Accepted',
          message: '',
          lastTransitionTime: '2025-01-01T00:00:00Z',
          observedGeneration: 1,
        },
      ],
    };
    const { status } = await read(`${ROUTES}/mine`);
    const parents = [theirs, ...(status?.parents ?? [])];
    await lab.objects.ask(
      'PATCH',
      `${ROUTES}/mine/status`,
      { status: { parents } },
      'application/merge-patch+json',
    );
    await lab.objects.apply([route('mine', 'theirs')]);
    const left = await until('our entry is gone', async () => {
      const now = (await read(`${ROUTES}/mine`)).status?.parents ?? [];
      return now.length === 1 ? now : undefined;
    });
    assert.deepEqual(left, [theirs]);
  });

  await t.test('a controller that is killed is followed by one that waited', async () => {
    const second = await start();
    await until('the second is ready', async () =>
      (await infoOf(second, '/readyz')).status === 200 ? true : undefined,
    );
    assert.doesNotMatch(second.output, /leads as/);
    await first.kill();
    await lab.objects.apply([route('late', 'example-gateway')]);
    await second.until(/leads as/);
    await until('the late route has a status', async () =>
      isTrue((await read(`${ROUTES}/late`)).status?.parents?.[0]?.conditions, 'Accepted'),
    );
    // In order, the Lease is free at once.
    second.child.kill('SIGTERM');
    await until('the Lease is released', async () =>
      (await read(LEASE)).spec['holderIdentity'] === '' ? true : undefined,
    );
  });
});

function route(name: string, gateway: string): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'default' },
    spec: {
      parentRefs: [{ name: gateway }],
      hostnames: [`${name}.example`],
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'example.com' } }] }],
    },
  };
}
