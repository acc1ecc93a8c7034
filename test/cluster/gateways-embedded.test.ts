import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import type { Lab } from './lab/index.ts';
import { type GatewayBench, installedLab, stopInstalled } from './support/gateways.ts';
import { listenerSetSteps } from './support/listener-set-steps.ts';

const PATIENCE_MS = 120_000;

let lab: Lab;
let bench: GatewayBench;

before(async () => {
  ({ lab, bench } = await installedLab('embedded', 2));
});
after(() => stopInstalled(lab));

test('each Gateway has a Service with an address, and answers there, all on port 80', async () => {
  await bench.gateway('default', 'first');
  await bench.gateway('default', 'second');
  const [first, second] = await Promise.all([
    bench.programmed('default', 'first'),
    bench.programmed('default', 'second'),
  ]);
  assert.notEqual(first, second);
  await bench.answers(first, 'first.example');
  await bench.answers(second, 'second.example');
  // Each has its own routes only.
  assert.equal(await bench.status(first, 'second.example'), 404);
  const targets = (await bench.owned('default', 'Service')).flatMap(({ spec }) =>
    spec.ports.map(({ targetPort }) => targetPort),
  );
  assert.equal(new Set(targets).size, 2, `${targets}`);
});

test('a redirect without a port of its own names the port that clients know', async () => {
  const address = await bench.programmed('default', 'first');
  await lab.objects.apply([bench.redirect('default', 'first', 'elsewhere.example')]);
  const location = await until(
    'there is a redirect',
    async () => (await bench.ask(address, 'elsewhere.example'))?.headers.location,
    PATIENCE_MS,
  );
  assert.equal(location, 'http://other.example/');
});

test('a ListenerSet adds a port to a Gateway that lets it in', () => listenerSetSteps(lab, bench));

test('nothing is written that is there', async () => {
  const before = await bench.versions('default');
  await bench.gateway('default', 'third');
  await bench.answers(await bench.programmed('default', 'third'), 'third.example');
  const after = await bench.versions('default');
  for (const [object, version] of before) assert.equal(after.get(object), version, object);
});

test('labels and annotations of the Gateway come and go on its Service', async () => {
  await bench.gateway('default', 'third', {
    infrastructure: { labels: { team: 'a' }, annotations: { 'example.com/note': 'b' } },
  });
  const third = async () =>
    (await bench.owned('default', 'Service')).find(({ metadata }) => metadata.name.includes('third'));
  await until('they are there', async () => (await third())?.metadata.labels['team'] === 'a', PATIENCE_MS);
  assert.equal((await third())?.metadata.annotations['example.com/note'], 'b');
  await bench.gateway('default', 'third');
  await until(
    'they are gone',
    async () => (await third())?.metadata.labels['team'] === undefined,
    PATIENCE_MS,
  );
  assert.equal((await third())?.metadata.annotations['example.com/note'], undefined);
});

test('when the leader is gone, another one takes its place', async () => {
  const address = await bench.programmed('default', 'first');
  const leader = await bench.endpoint('default', 'first');
  const path = `/api/v1/namespaces/breakwater-system/pods/${leader.pod}`;
  await lab.objects.ask('DELETE', `${path}?gracePeriodSeconds=0`);
  await until(
    'the endpoint is another Pod',
    async () => (await bench.endpoint('default', 'first')).pod !== leader.pod,
    PATIENCE_MS,
  );
  await bench.answers(address, 'first.example');
});

test('a Gateway that is deleted, or is of another class, leaves nothing behind', async () => {
  await lab.objects.apply([otherClass]);
  await bench.gateway('default', 'second', { gatewayClassName: 'other' });
  await lab.objects.delete([bench.object('default', 'first')]);
  await until(
    'their objects are gone',
    async () => (await bench.versions('default')).size === 2,
    PATIENCE_MS,
  );
  for (const kind of ['Service', 'EndpointSlice'])
    for (const { metadata } of await bench.owned('default', kind)) assert.match(metadata.name, /-third-/);
});

const otherClass = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name: 'other' },
  spec: { controllerName: 'example.com/other' },
};
