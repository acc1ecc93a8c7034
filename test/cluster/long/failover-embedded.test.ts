import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../support/until.ts';
import { FailoverSteps, PATIENCE_MS, seconds, TAKEOVER_MS } from '../support/failover-steps.ts';
import { stopInstalled } from '../support/gateways.ts';
import type { Outcome, StreamLoad } from '../support/stream-load.ts';

const POOL = 'model';

let steps: FailoverSteps;

before(async () => {
  steps = await FailoverSteps.startWithPool(POOL);
});
after(() => stopInstalled(steps?.lab));

/** What went wrong for a client, other than by a limit. */
function failures({ outcomes }: StreamLoad): Outcome[] {
  return outcomes.filter(({ came }) => came !== 'served' && came !== 'overflow');
}

/** Each of the two is killed while it leads. */
for (const time of ['first', 'second'])
  test(`the leader is killed, which carries the bytes, for the ${time} time: new requests are served by the next within 5 s`, async t => {
    const { bench } = steps;
    const victim = await steps.leader();
    const survivor = await steps.other(victim);
    const [load, plain] = [steps.load(POOL), steps.plainLoad()];
    await steps.isBusy(POOL);

    const restarts = await bench.restarts(victim);
    const killedAt = bench.kill(victim);
    const route = steps.newRoute(`after-${time}`);
    const servedAt = await until('it serves', () => load.servedSince(killedAt), PATIENCE_MS);
    const plainAt = await until('it serves the others', () => plain.servedSince(killedAt), PATIENCE_MS);
    const { servedMs, statusMs } = await route;
    await steps.standsBy(victim, restarts);
    assert.equal(await bench.leader(), survivor);
    await Promise.all([load, plain].map(each => each.stop()));

    t.diagnostic(
      [
        `served after ${seconds(servedAt - killedAt)}, what needs no picker after ${seconds(plainAt - killedAt)}`,
        `a new route served after ${seconds(servedMs)}, its status after ${seconds(statusMs)}`,
        ...[load, plain].map(each => JSON.stringify(each.summary())),
      ].join('; '),
    );
    assert.ok(servedAt - killedAt < TAKEOVER_MS, `${servedAt - killedAt} ms`);
    assert.ok(plainAt - killedAt < TAKEOVER_MS, `${plainAt - killedAt} ms`);
    for (const each of [load, plain])
      for (const { came, startedAtMs } of failures(each)) {
        // Only what the killed process had in hand is cut; what comes after finds nobody, until the next one serves.
        if (came.startsWith('cut')) assert.ok(startedAtMs < killedAt, came);
        else assert.match(came, /^refused/);
        assert.ok(startedAtMs < Math.max(servedAt, plainAt), came);
      }
    assert.ok(load.summary()['overflow'] !== undefined);
    await steps.atRest([POOL]);
  });

test('an API server that is away longer than a Lease lasts moves nothing: all are served, by the same leader', async t => {
  const { bench, lab } = steps;
  const leader = await steps.leader();
  const endpoint = await steps.gateways.endpoint('default', 'front');
  const [load, plain] = [steps.load(POOL), steps.plainLoad()];
  await steps.isBusy(POOL);
  const { podIP } = (await bench.replicas()).find(({ metadata }) => metadata.name === leader)?.status ?? {};
  const leads = () => bench.figureAt(podIP, 'breakwater_controller_leader');
  await lab.controlPlane.killApiServer();
  const goneAt = performance.now();
  await until('it may not lead any more', async () => (await leads()) === 0, PATIENCE_MS);
  // The other one has seen its Lease unchanged for longer than that lasts.
  await until('time has passed', () => performance.now() > goneAt + 2 * TAKEOVER_MS, PATIENCE_MS);
  await lab.controlPlane.startApiServer();
  await until('it leads again', async () => (await leads()) === 1, PATIENCE_MS);
  t.diagnostic(`it leads again ${seconds(performance.now() - goneAt)} after the API server was gone`);
  const took = await steps.newRoute('after-away');
  t.diagnostic(
    `a new route served after ${seconds(took.servedMs)}, its status after ${seconds(took.statusMs)}`,
  );
  await Promise.all([load, plain].map(each => each.stop()));

  assert.equal(await steps.leader(), leader);
  assert.deepEqual(await steps.gateways.endpoint('default', 'front'), endpoint);
  assert.deepEqual([...failures(load), ...failures(plain)], []);
  await steps.atRest([POOL]);
});
