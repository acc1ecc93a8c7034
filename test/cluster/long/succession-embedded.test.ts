import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../support/until.ts';
import {
  FailoverSteps,
  LONG_MS,
  PATIENCE_MS,
  SHORT_MS,
  seconds,
  TAKEOVER_MS,
} from '../support/failover-steps.ts';
import { stopInstalled } from '../support/gateways.ts';
import { StreamLoad } from '../support/stream-load.ts';

const POOL = 'model';
/** A Lease of one that was killed while it was stopping lasts 15 s, and is looked at twice a second. */
const LET_GO_MS = 20_000;
/** Longer than an API server takes to start, and one who follows to lead. */
const VERY_LONG_MS = 60_000;

let steps: FailoverSteps;

before(async () => {
  steps = await FailoverSteps.startWithPool(POOL);
});
after(() => stopInstalled(steps?.lab));

/** Two long streams that run, and short ones beside them: more than the limit lets through. */
async function busy(longMs: number): Promise<StreamLoad> {
  const load = new StreamLoad(steps.address, `${POOL}.example`).clients(2, longMs);
  await steps.isBusy(POOL);
  return load.clients(3, SHORT_MS);
}

async function isGone(pod: string): Promise<void> {
  await until(
    `${pod} is gone`,
    async () => (await steps.bench.replicas()).every(({ metadata }) => metadata.name !== pod),
    PATIENCE_MS,
  );
}

/** One counts at the replica that follows what is in flight at the one that stops. */
async function counted(): Promise<string> {
  return await until(
    'the next one counts what is in flight elsewhere',
    async () => {
      const leader = await steps.bench.leader();
      return leader !== undefined && (await steps.bench.elsewhere(leader)) >= 2 ? leader : undefined;
    },
    PATIENCE_MS,
  );
}

test('the leader stops in order: what is in flight ends well, new requests are served within 5 s, and model servers never have more than the limit', async t => {
  const { bench } = steps;
  const victim = await steps.leader();
  const [load, plain] = [await busy(LONG_MS), steps.plainLoad()];

  const deletedAt = await bench.delete(victim);
  const servedAt = await until('it serves', () => load.servedSince(deletedAt), PATIENCE_MS);
  const plainAt = await until('it serves the others', () => plain.servedSince(deletedAt), PATIENCE_MS);
  assert.notEqual(await counted(), victim);
  await isGone(victim);
  const goneAt = performance.now();
  await Promise.all([load, plain].map(each => each.stop()));

  t.diagnostic(
    [
      `served after ${seconds(servedAt - deletedAt)}, what needs no picker after ${seconds(plainAt - deletedAt)}`,
      `the one that stopped was gone after ${seconds(goneAt - deletedAt)}`,
      JSON.stringify(await bench.counts(POOL)),
      ...[load, plain].map(each => JSON.stringify(each.summary())),
    ].join('; '),
  );
  assert.ok(servedAt - deletedAt < TAKEOVER_MS, `${servedAt - deletedAt} ms`);
  assert.ok(plainAt - deletedAt < TAKEOVER_MS, `${plainAt - deletedAt} ms`);
  // Between the two, connections wait and are led on.
  for (const each of [load, plain])
    for (const { came } of each.outcomes) assert.match(came, /^(served|overflow)$/);
  assert.equal((await bench.counts(POOL)).cut, 0);
  await bench.bothReady();
  await steps.atRest([POOL]);
});

test('the leader is killed while it stops: what is counted for it is let go', async t => {
  const { bench } = steps;
  const victim = await steps.leader();
  const load = await busy(LONG_MS);

  await bench.delete(victim);
  const survivor = await counted();
  const killedAt = bench.kill(victim);
  await until('it is let go', async () => (await bench.elsewhere(survivor)) === 0, PATIENCE_MS);
  const letGoAt = performance.now();
  await load.stop();

  t.diagnostic(`let go ${seconds(letGoAt - killedAt)} after the kill; ${JSON.stringify(load.summary())}`);
  assert.ok(letGoAt - killedAt < LET_GO_MS, `${letGoAt - killedAt} ms`);
  await isGone(victim);
  await bench.bothReady();
  await steps.atRest([POOL]);
});

test('the API server is away while the leader stops: what it has in flight counts with the next one all the same', async t => {
  const { bench, lab } = steps;
  const victim = await steps.leader();
  const survivor = await steps.other(victim);
  const restarts = await bench.restarts(victim);
  const load = await busy(VERY_LONG_MS);

  await lab.controlPlane.killApiServer();
  bench.terminate(victim);
  await until(
    'nobody serves',
    async () => (await steps.gateways.status(steps.address, 'front.example')) === undefined,
    PATIENCE_MS,
  );
  const refusedAt = performance.now();
  await lab.controlPlane.startApiServer();
  const servedAt = await until('the next one serves', () => load.servedSince(refusedAt), PATIENCE_MS);
  assert.equal(await counted(), survivor);
  await load.stop();

  t.diagnostic(
    `served ${seconds(servedAt - refusedAt)} after the last one served, the API server's start in it; ${JSON.stringify(load.summary())}`,
  );
  assert.deepEqual(
    load.outcomes.filter(({ came }) => came.startsWith('cut')),
    [],
  );
  await steps.standsBy(victim, restarts);
  await steps.atRest([POOL]);
});
