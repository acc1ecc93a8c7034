import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../support/until.ts';
import { FailoverSteps, PATIENCE_MS, seconds } from '../support/failover-steps.ts';
import { stopInstalled } from '../support/gateways.ts';
import { KeptLoad } from '../support/kept-load.ts';
import { StreamLoad } from '../support/stream-load.ts';

/** Envoy Gateway's defaults, which the EnvoyProxies of these Gateways leave as they are. */
const LEAST_MS = 10_000;
const DRAIN_MS = 60_000;
/** A stream of a model server: longer than the least time of a Pod that ends. */
const STREAM_MS = 25_000;
const SHORT_MS = 300;
/** More than all of its clients send at once. */
const LIMIT = 100;

let steps: FailoverSteps;

before(async () => {
  steps = await FailoverSteps.start('envoy');
});
after(() => stopInstalled(steps?.lab));

async function podsOf(gateway: string): Promise<string[]> {
  const selector = encodeURIComponent(`gateway.envoyproxy.io/owning-gateway-name=${gateway}`);
  const path = `/api/v1/namespaces/default/pods?labelSelector=${selector}`;
  const { items } = (await steps.lab.objects.ask('GET', path)) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

/** `kubectl rollout restart` of a Gateway's Envoys. @returns when, of performance.now() */
async function restart(gateway: string): Promise<number> {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const { items } = (await steps.lab.objects.ask('GET', path)) as { items: { metadata: { name: string } }[] };
  const name = items.map(({ metadata }) => metadata.name).find(each => each.includes(`-${gateway}-`));
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  const template = { metadata: { annotations } };
  await steps.lab.objects.ask(
    'PATCH',
    `${path}/${name}`,
    { spec: { template } },
    'application/strategic-merge-patch+json',
  );
  return performance.now();
}

/** Milliseconds until each of these Pods is gone. */
async function gone(gateway: string, names: readonly string[], sinceMs: number): Promise<number[]> {
  return await Promise.all(
    names.map(async name => {
      const isGone = async () => !(await podsOf(gateway)).includes(name);
      await until(`${name} is gone`, isGone, PATIENCE_MS);
      return performance.now() - sinceMs;
    }),
  );
}

test('Envoys are started anew under load: nothing is refused or cut, and those that were there end when they have nothing left', async t => {
  const { bench, gateways, address } = steps;
  await bench.pool('front', 'streams', LIMIT, 'FailClose', LIMIT);
  await steps.served('streams');
  const old = await podsOf('front');
  assert.equal(old.length, 2);

  const streams = new StreamLoad(address, 'streams.example').clients(4, STREAM_MS).clients(4, SHORT_MS);
  const plain = new StreamLoad(address, 'front.example', 'backend').clients(2, SHORT_MS);
  const kept = new KeptLoad(address, 'front.example', 6);
  await until('long streams run', async () => (await bench.counts('streams')).running >= 4, PATIENCE_MS);
  const before = kept.letGo;
  const restartedAt = await restart('front');
  const ends = await gone('front', old, restartedAt);
  await gateways.answers(address, 'front.example');
  await Promise.all([streams, plain, kept].map(each => each.stop()));

  t.diagnostic(
    `Pods that ended were gone ${ends.map(seconds).join(' and ')} after the restart; ` +
      `${kept.letGo - before} kept connections were let go; streams ${JSON.stringify(streams.summary())}, ` +
      `plain ${JSON.stringify(plain.summary())}, kept ${JSON.stringify([...kept.answers])}`,
  );
  for (const { came, startedAtMs, endedAtMs } of streams.outcomes)
    if (came !== 'served')
      t.diagnostic(`${came}: ${[startedAtMs, endedAtMs].map(at => seconds(at - restartedAt)).join(' to ')}`);
  assert.deepEqual(Object.keys(streams.summary()), ['served']);
  assert.deepEqual(Object.keys(plain.summary()), ['served']);
  assert.deepEqual([...kept.answers.keys()], [200]);
  assert.ok(kept.letGo - before >= 2, `${kept.letGo - before} connections were let go`);
  const last = Math.max(...ends);
  assert.ok(
    last >= LEAST_MS && last < DRAIN_MS,
    'they ended when their streams had, before the drain was over',
  );
  assert.equal((await bench.counts('streams')).cut, 0);
  await steps.atRest([]);
});

test('Envoys that nobody uses end when their least time is over, also those of a Gateway that is deleted', async t => {
  const { gateways, lab } = steps;
  await gateways.gateway('default', 'idle');
  const address = await gateways.programmed('default', 'idle');
  await gateways.answers(address, 'idle.example');
  const old = await podsOf('idle');
  const [restarted = 0] = await gone('idle', old, await restart('idle'));
  await gateways.answers(address, 'idle.example');
  const next = await podsOf('idle');
  const deletedAt = performance.now();
  await lab.objects.delete([gateways.object('default', 'idle')]);
  const [deleted = 0] = await gone('idle', next, deletedAt);
  t.diagnostic(
    `gone ${seconds(restarted)} after a restart, ${seconds(deleted)} after the Gateway was deleted`,
  );
  for (const ms of [restarted, deleted]) assert.ok(ms >= LEAST_MS && ms < DRAIN_MS, `${ms}`);
});
