import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Workplace } from '../../e2e/cli-process.ts';
import { peerTakes } from '../../support/peer-takes.ts';
import { until } from '../../support/until.ts';
import { Lab } from '../lab/index.ts';
import { ControllerRun } from '../support/controller-run.ts';
import { Forwarder } from '../support/forwarder.ts';
import { Load } from '../support/load.ts';
import {
  GATEWAY_OBJECTS,
  isAccepted,
  readObject,
  readRoutes,
  redirect,
  routeAccepted,
} from '../support/statuses.ts';

/** Longer than a Lease lasts, so that the lead is lost. */
const AWAY_MS = 60_000;

let lab: Lab;
let place: Workplace;
const ways: Forwarder[] = [];

before(async () => {
  lab = await Lab.start({ controllers: false });
  place = new Workplace();
});
after(async () => {
  await place?.close();
  await lab?.stop();
});
afterEach(async () => {
  await place.close();
  place = new Workplace();
  for (const way of ways.splice(0)) await way.stop();
});

/** A controller with a way of its own to the API server. */
async function behindForwarder(): Promise<{ controller: ControllerRun; way: Forwarder }> {
  const way = await Forwarder.start(lab.controlPlane.port);
  ways.push(way);
  const controller = await ControllerRun.start(place, await way.kubeconfig(lab.kubeconfig));
  return { controller, way };
}

test('the API server is gone: traffic flows on, and statuses catch up', async t => {
  await lab.objects.apply([...GATEWAY_OBJECTS, redirect('before')]);
  const { controller, way } = await behindForwarder();
  await controller.leads();
  await until('the route is accepted', () => routeAccepted(lab, 'before'), 60_000);
  const load = new Load(() => controller.request('before.example'));
  way.closed = true;
  way.cutAll();
  await lab.objects.apply([redirect('before', 'moved.example'), redirect('meanwhile')]);
  await peerTakes(AWAY_MS);
  await load.stop();
  t.diagnostic(`${JSON.stringify(Object.fromEntries(load.answers))} in ${AWAY_MS / 1000} s`);
  assert.deepEqual([...load.answers.keys()], [302]);
  assert.ok(controller.matches(/does not lead any more/), controller.up.output);
  assert.equal((await controller.info('/readyz')).status, 200, 'it serves what it knows');
  assert.equal((await controller.info('/livez')).status, 200);
  way.closed = false;
  const startedAt = performance.now();
  for (const route of ['before', 'meanwhile'])
    await until(`${route} is accepted`, () => routeAccepted(lab, route), 60_000);
  t.diagnostic(
    `statuses were right ${((performance.now() - startedAt) / 1000).toFixed(1)} s after it was back`,
  );
  assert.equal(await controller.request('moved.example'), 302);
  assert.equal(await controller.request('meanwhile.example'), 302);
});

test('an object that is edited 50 times a second holds up no other, and its last edit counts', async t => {
  await lab.objects.apply([...GATEWAY_OBJECTS, redirect('busy', 'v0.example')]);
  const { controller } = await behindForwarder();
  await controller.leads();
  await until('the route is accepted', () => routeAccepted(lab, 'busy'), 60_000);
  await controller.settled();
  const before = await controller.written();
  const startedAt = performance.now();
  let edits = 0;
  for (; performance.now() < startedAt + 6_000; edits++) {
    await lab.objects.apply([redirect('busy', `v${edits}.example`)]);
    if (edits === 100) await lab.objects.apply([redirect('calm')]);
    await peerTakes(Math.max(0, startedAt + edits * 20 - performance.now()));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  assert.ok(await routeAccepted(lab, 'calm'), 'another is taken meanwhile');
  const writes = (await controller.written()) - before;
  t.diagnostic(
    `${(edits / seconds).toFixed(0)} edits a second, ${(writes / seconds).toFixed(1)} writes a second`,
  );
  // One write in 200 ms to an object (WRITE_QUEUE.apartMs), and the Gateway's.
  assert.ok(writes < 6 * seconds + 5, `${writes} writes`);
  await until('the last edit is accepted', () => routeAccepted(lab, 'busy'), 60_000);
  assert.equal(await controller.request(`v${edits - 1}.example`), 302);
  assert.equal(await controller.request('v1.example'), 404);
});

const isMany = ({ metadata }: { readonly metadata: { readonly name: string } }) =>
  metadata.name.startsWith('many-');

test('a leader that is killed while it writes: the next writes the rest, and nothing twice', async t => {
  const names = Array.from({ length: 400 }, (_, index) => `many-${index}`);
  await lab.objects.apply(GATEWAY_OBJECTS);
  const first = await ControllerRun.start(place, lab.kubeconfig);
  await first.leads();
  const second = await ControllerRun.start(place, lab.kubeconfig);
  await second.ready();
  const applied = lab.objects.apply(names.map(name => redirect(name)));
  await until('some are written', async () => (await first.written()) > 50 || undefined, 60_000);
  await first.up.kill();
  await applied;
  const accepted = async () => (await readRoutes(lab)).filter(isMany).filter(isAccepted).length;
  const before = await accepted();
  t.diagnostic(`killed with ${before} of ${names.length} written`);
  assert.ok(before > 0 && before < names.length);
  await second.leads();
  await until('all are written', async () => (await accepted()) === names.length || undefined, 60_000);
  await second.settled();
  const versions = async () =>
    (await readRoutes(lab)).filter(isMany).map(({ metadata }) => metadata.resourceVersion);
  const rest = await versions();
  await lab.objects.apply([redirect('after')]);
  await until('another is accepted', () => routeAccepted(lab, 'after'), 60_000);
  await second.settled();
  assert.deepEqual(await versions(), rest, 'what is there is not written again');
  for (const { status, metadata } of (await readRoutes(lab)).filter(isMany))
    assert.equal(status?.parents?.length, 1, metadata.name);
});

test('two installations with one controller name, and two processes with one Pod name, come to rest', async () => {
  await lab.objects.apply([
    ...GATEWAY_OBJECTS,
    redirect('shared'),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
  ]);
  place.env['POD_NAME'] = 'twin';
  const first = await ControllerRun.start(place, lab.kubeconfig);
  await first.leads();
  const twin = await ControllerRun.start(place, lab.kubeconfig);
  const other = await ControllerRun.start(place, lab.kubeconfig, '--lease-namespace', 'other');
  await Promise.all([twin.ready(), other.leads()]);
  assert.ok(!twin.matches(/leads as/), 'one of the twins leads');
  await lab.objects.apply([redirect('shared', 'again.example')]);
  await until('it is accepted', () => routeAccepted(lab, 'shared'), 60_000);
  for (const each of [first, other]) await each.settled();
  const before = (await readObject(lab, 'httproutes', 'shared')).metadata.resourceVersion;
  const written = (await first.written()) + (await other.written());
  await lab.objects.apply([redirect('unrelated')]);
  await until('another is accepted', () => routeAccepted(lab, 'unrelated'), 60_000);
  for (const each of [first, other]) await each.settled();
  assert.equal((await readObject(lab, 'httproutes', 'shared')).metadata.resourceVersion, before);
  // The new route by one of them or by both at once, and the count of routes at the Gateway.
  assert.ok((await first.written()) + (await other.written()) - written <= 4);
});
