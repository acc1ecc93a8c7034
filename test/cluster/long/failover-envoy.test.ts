import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../support/until.ts';
import { FailoverSteps, LIMIT, PATIENCE_MS, seconds, TAKEOVER_MS } from '../support/failover-steps.ts';
import { stopInstalled } from '../support/gateways.ts';
import type { StreamLoad } from '../support/stream-load.ts';

let steps: FailoverSteps;

before(async () => {
  steps = await FailoverSteps.start('envoy');
});
after(() => stopInstalled(steps?.lab));

/** A pool that this replica holds: pools spread over replicas by their names. Its model server runs. */
async function poolHeldBy(replica: string, prefix: string, failureMode?: string): Promise<string> {
  for (let number = 0; ; number++) {
    const name = `${prefix}-${number}`;
    await steps.bench.pool('front', name, LIMIT, failureMode);
    const holder = await until(`${name} is held`, () => steps.bench.holder(name), PATIENCE_MS);
    if (holder !== replica) continue;
    await steps.served(name);
    return name;
  }
}

/**
 * Kills one replica and looks at what comes of a pool that it holds, of one that the other holds, and of what needs no picker.
 * @returns what was measured, in words
 */
async function kill(victim: string, pool: string, undisturbed: string, routeName: string): Promise<string> {
  const { bench } = steps;
  const survivor = await steps.other(victim);
  const [load, beside, plain] = [steps.load(pool), steps.load(undisturbed), steps.plainLoad()];
  await Promise.all([steps.isBusy(pool), steps.isBusy(undisturbed)]);

  const restarts = await bench.restarts(victim);
  const killedAt = bench.kill(victim);
  const route = steps.newRoute(routeName);
  await until('the other one holds', async () => (await bench.holder(pool)) === survivor, PATIENCE_MS);
  const heldMs = performance.now() - killedAt;
  // Answers of what was let go before the kill may come a moment later.
  const servedAt = await until('it serves', () => load.servedSince(killedAt + 100), PATIENCE_MS);
  const led = (await bench.leader()) === survivor;
  await until('the other one leads', async () => (await bench.leader()) === survivor, PATIENCE_MS);
  const ledMs = performance.now() - killedAt;
  const { servedMs, statusMs } = await route;
  await steps.standsBy(victim, restarts);
  for (const each of [pool, undisturbed]) assert.equal(await bench.holder(each), survivor);
  await Promise.all([load, beside, plain].map(each => each.stop()));

  assert.ok(heldMs < TAKEOVER_MS, `held after ${heldMs} ms`);
  const inFlight = [load, beside].map(each => endedWell(each, killedAt));
  assert.ok(
    inFlight.every(count => count >= 2),
    `${inFlight} in flight`,
  );
  assertOutcomes(load);
  assertOutcomes(beside);
  assert.equal(beside.summary()['no-endpoint'] ?? 0, 0, 'the pool of the other one had its holder');
  assert.deepEqual(Object.keys(plain.summary()), ['served'], 'what needs no picker');
  await steps.atRest([pool, undisturbed]);
  for (const each of [pool, undisturbed]) assert.equal((await bench.counts(each)).cut, 0, each);
  return [
    `held after ${seconds(heldMs)}, served after ${seconds(servedAt - killedAt)}, ${led ? 'led before' : `led after ${seconds(ledMs)}`}`,
    `a new route served after ${seconds(servedMs)}, its status after ${seconds(statusMs)}`,
    `in flight at the kill, ended well: ${inFlight}`,
    ...[load, beside, plain].map(each => JSON.stringify(each.summary())),
  ].join('; ');
}

/** Requests end as they may: nothing is cut, and without a holder FailClose refuses. */
function assertOutcomes(load: StreamLoad): void {
  const { served = 0, overflow = 0, 'no-endpoint': _, ...others } = load.summary();
  assert.deepEqual(others, {});
  assert.ok(served > 0 && overflow > 0, `${served} served, ${overflow} overflows`);
}

/** Requests that were in flight at a moment, and were served to their end. */
function endedWell({ outcomes }: StreamLoad, atMs: number): number {
  return outcomes.filter(
    ({ came, startedAtMs, endedAtMs }) => came === 'served' && startedAtMs < atMs && endedAtMs > atMs,
  ).length;
}

test('the holder of a pool is killed, which does not lead: nothing in flight is cut, the other one follows', async t => {
  const leader = await steps.leader();
  const victim = await steps.other(leader);
  const pool = await poolHeldBy(victim, 'held');
  const undisturbed = await poolHeldBy(leader, 'other');
  t.diagnostic(await kill(victim, pool, undisturbed, 'after-holder'));
});

test('the leader is killed, which holds one pool and not another', async t => {
  const victim = await steps.leader();
  const pool = await poolHeldBy(victim, 'led');
  const undisturbed = await poolHeldBy(await steps.other(victim), 'free');
  t.diagnostic(await kill(victim, pool, undisturbed, 'after-leader'));
});

test('the holder of a pool with FailOpen is killed: all are served meanwhile', async t => {
  const { bench } = steps;
  const leader = await steps.leader();
  const victim = await steps.other(leader);
  const pool = await poolHeldBy(victim, 'open', 'FailOpen');
  const load = steps.load(pool);
  await steps.isBusy(pool);
  const killedAt = bench.kill(victim);
  await until('the other one holds', async () => (await bench.holder(pool)) === leader, PATIENCE_MS);
  const heldAt = performance.now();
  await until('it serves', () => load.servedSince(heldAt), PATIENCE_MS);
  await load.stop();

  const meanwhile = load.outcomes.filter(
    ({ came, startedAtMs }) => came === 'served' && startedAtMs > killedAt + 100 && startedAtMs < heldAt,
  ).length;
  const { most, running, cut } = await bench.counts(pool);
  t.diagnostic(
    `held after ${seconds(heldAt - killedAt)}; ${meanwhile} served meanwhile; ${most} at once; ${JSON.stringify(load.summary())}`,
  );
  assertOutcomes(load);
  assert.equal(load.summary()['no-endpoint'], undefined);
  assert.ok(meanwhile > 0);
  assert.deepEqual({ running, cut }, { running: 0, cut: 0 });
});
