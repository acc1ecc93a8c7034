import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { loadApiServer } from '../../../src/cluster/api-server/index.ts';
import { clusterSource } from '../../../src/cluster/source/index.ts';
import type { Source } from '../../../src/source/index.ts';
import { until } from '../../support/until.ts';
import { Lab } from '../lab/index.ts';
import { Forwarder } from '../support/forwarder.ts';
import { route, routesOf } from '../support/routes.ts';

const ROUTES = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';

let lab: Lab;
const closing: (() => Promise<void>)[] = [];

before(async () => {
  lab = await Lab.start({ crds: ['gateway-api'], controllers: false });
});
after(() => lab.stop());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await lab.objects.ask('DELETE', ROUTES);
});

async function open(cutAfter?: () => number): Promise<{ source: Source; way: Forwarder }> {
  const way = await Forwarder.start(lab.controlPlane.port, cutAfter);
  closing.push(() => way.stop());
  const server = await loadApiServer({ kubeconfig: await way.kubeconfig(lab.kubeconfig) });
  const source = await clusterSource({ server, kinds: ['HTTPRoute', 'Service'] });
  closing.push(async () => {
    await source.close();
    server.close();
  });
  return { source, way };
}

async function becomes(source: Source, routes: string): Promise<void> {
  await until(
    `${routes} (last: ${routesOf(source)})`,
    () => (routesOf(source) === routes ? true : undefined),
    60_000,
  );
}

test('connections that are cut after any number of bytes lose no change', async () => {
  let cut = 7_000;
  // TLS takes some 2,500 bytes before the first answer: from within it to some events later.
  const { source, way } = await open(() => (cut = 1_500 + ((cut * 7_919) % 11_003)));
  for (let edit = 0; edit < 120; edit++) {
    await lab.objects.apply([route(`r${edit % 5}`, `v${edit}.example.com`)]);
    if (edit % 7 === 6) await lab.objects.delete([route(`r${edit % 5}`, '')]);
  }
  const { items } = (await lab.objects.ask('GET', ROUTES)) as { items: ReturnType<typeof route>[] };
  const expected = items
    .map(item => `${item.metadata.name} ${(item['spec'] as Spec).hostnames[0]}`)
    .join(', ');
  await becomes(source, expected);
  assert.ok(way.connections > 10, `${way.connections} connections`);
});

interface Spec {
  readonly hostnames: readonly string[];
}

test('while the API server is away the last state counts and is said to be the last; then changes are caught up', async () => {
  await lab.objects.apply([route('a', 'one.example.com')]);
  const { source, way } = await open();
  await becomes(source, 'a one.example.com');
  way.closed = true;
  way.cutAll();
  await until('the problem is said', () => (source.problems().length > 0 ? true : undefined));
  assert.match(source.problems()[0]!.message, /^HTTPRoute cannot be read now, its last objects count: /);
  assert.equal(routesOf(source), 'a one.example.com');
  await lab.objects.apply([route('a', 'two.example.com'), route('b', 'one.example.com')]);
  way.closed = false;
  await becomes(source, 'a two.example.com, b one.example.com');
  await until('the problem is gone', () => (source.problems().length === 0 ? true : undefined));
});

test('an API server that is killed and started again is followed again', async () => {
  await lab.objects.apply([route('a', 'one.example.com')]);
  const { source } = await open();
  await lab.controlPlane.killApiServer();
  await until('the problem is said', () => (source.problems().length > 0 ? true : undefined));
  assert.equal(routesOf(source), 'a one.example.com');
  await lab.controlPlane.startApiServer();
  await lab.objects.apply([route('a', 'two.example.com')]);
  await becomes(source, 'a two.example.com');
});

test('what etcd has forgotten is listed again (410), deletions too', async () => {
  await lab.objects.apply([route('a', 'one.example.com'), route('b', 'one.example.com')]);
  const { source, way } = await open();
  await becomes(source, 'a one.example.com, b one.example.com');
  way.closed = true;
  way.cutAll();
  await lab.objects.delete([route('a', '')]);
  await lab.objects.apply([route('b', 'two.example.com'), route('c', 'one.example.com')]);
  await lab.controlPlane.compact();
  // Its watch cache would still know.
  await lab.controlPlane.killApiServer();
  await lab.controlPlane.startApiServer();
  const { metadata } = (await lab.objects.ask('GET', ROUTES)) as { metadata: { resourceVersion: string } };
  const old = await lab.server.request('GET', `${ROUTES}?watch=1&resourceVersion=2&timeoutSeconds=1`);
  assert.ok(
    /too old resource version|410/.test(JSON.stringify(old)),
    `${metadata.resourceVersion}: ${JSON.stringify(old)}`,
  );
  way.closed = false;
  await becomes(source, 'b two.example.com, c one.example.com');
});

test('after an API server that was away nothing is listed again that its watch cache knows', async () => {
  await lab.objects.apply([route('a', 'one.example.com')]);
  const { source, way } = await open();
  const before = source.current().get('HTTPRoute', 'default', 'a');
  way.cutAll();
  await lab.objects.apply([route('b', 'one.example.com')]);
  await becomes(source, 'a one.example.com, b one.example.com');
  assert.equal(source.current().get('HTTPRoute', 'default', 'a'), before, 'the very same object');
});
