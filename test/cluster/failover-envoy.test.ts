import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import type { Lab } from './lab/index.ts';
import { FailoverBench } from './support/failover.ts';
import { controllerLogs, type GatewayBench, installedLab } from './support/gateways.ts';
import { StreamLoad } from './support/stream-load.ts';

const PATIENCE_MS = 180_000;
const TAKEOVER_MS = 5_000;
const LIMIT = 3;
/** Longer than a takeover takes: streams begin before the kill, and end under the next holder. */
const LONG_MS = 12_000;
const SHORT_MS = 300;

let lab: Lab;
let bench: GatewayBench;
let failover: FailoverBench;
let address: string;

before(async () => {
  ({ lab, bench } = await installedLab('envoy', 2));
  failover = new FailoverBench(lab);
  await failover.bothReady();
  await bench.gateway('default', 'front');
  address = await bench.programmed('default', 'front');
  await bench.answers(address, 'front.example');
});
after(async () => {
  if (process.env['LAB_LOGS'] !== undefined) process.stderr.write(await controllerLogs(lab));
  await lab?.stop();
});

/** A pool that this replica holds: pools spread over replicas by their names. Its model server runs. */
async function poolHeldBy(replica: string, prefix: string): Promise<string> {
  for (let number = 0; ; number++) {
    const name = `${prefix}-${number}`;
    await failover.pool('front', name, LIMIT);
    const holder = await until(`${name} is held`, () => failover.holder(name), PATIENCE_MS);
    if (holder !== replica) continue;
    await failover.modelServer(name);
    await served(name);
    return name;
  }
}

async function served(pool: string): Promise<void> {
  await until(
    `${pool} is served`,
    async () => {
      const load = new StreamLoad(address, `${pool}.example`).clients(1, 1);
      await load.stop();
      return load.summary()['served'] === 1;
    },
    PATIENCE_MS,
  );
}

function startLoad(pool: string): StreamLoad {
  return new StreamLoad(address, `${pool}.example`).clients(2, LONG_MS).clients(3, SHORT_MS);
}

/** Two long streams run. */
async function isBusy(pool: string): Promise<void> {
  await until(`${pool} is busy`, async () => (await failover.counts(pool)).running >= 2, PATIENCE_MS);
}

/** A route that is made at this moment. @returns how long it took until it was served, and until it had its status */
async function newRoute(name: string): Promise<{ servedMs: number; statusMs: number }> {
  const startedAt = performance.now();
  const since = () => performance.now() - startedAt;
  await lab.objects.apply([bench.route('default', name, 'front', `${name}.example`)]);
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/${name}`;
  const accepted = async () => {
    const { status } = (await lab.objects.ask('GET', path)) as {
      status?: { parents?: { conditions: { type: string; status: string }[] }[] };
    };
    return status?.parents?.[0]?.conditions.some(each => each.type === 'Accepted' && each.status === 'True');
  };
  const [servedMs, statusMs] = await Promise.all([
    bench.answers(address, `${name}.example`).then(since),
    until(`${name} has its status`, accepted, PATIENCE_MS).then(since),
  ]);
  return { servedMs, statusMs };
}

/** The one that was killed runs again, leads nothing and holds nothing. */
async function standsBy(replica: string, restarts: number, pools: readonly string[]): Promise<void> {
  await until('it was started again', async () => (await failover.restarts(replica)) > restarts, PATIENCE_MS);
  await failover.bothReady();
  assert.equal(await failover.figure(replica, 'breakwater_controller_leader'), 0);
  for (const pool of pools) assert.notEqual(await failover.holder(pool), replica);
}

async function atRest(pools: readonly string[]): Promise<void> {
  await until('nothing is in use', async () => (await failover.inUse()).length === 0, PATIENCE_MS).catch(
    async error => {
      throw new Error(`${error.message}: ${await failover.inUse()}`);
    },
  );
  for (const pool of pools) {
    const { running, most, cut } = await failover.counts(pool);
    assert.deepEqual({ running, cut }, { running: 0, cut: 0 }, pool);
    assert.ok(most > 1 && most <= LIMIT, `${most} at once at the model server of ${pool}`);
  }
}

/** Requests end as they may. @param refused whether the pool was without a holder for a while */
function assertOutcomes(load: StreamLoad, refused: boolean): void {
  const { served = 0, overflow = 0, 'no-endpoint': none = 0, ...others } = load.summary();
  assert.deepEqual(others, {});
  assert.ok(served > 0 && overflow > 0, `${served} served, ${overflow} overflows`);
  if (!refused) assert.equal(none, 0, 'requests that found no holder');
}

function inflightAt(load: StreamLoad, atMs: number): number {
  return load.outcomes.filter(
    ({ came, startedAtMs, endedAtMs }) => came === 'served' && startedAtMs < atMs && endedAtMs > atMs,
  ).length;
}

test('the holder of a pool is killed, which does not lead: nothing in flight is cut, the other one follows', async t => {
  const leads = await until('one leads', () => failover.leader(), PATIENCE_MS);
  const victim = (await failover.replicas())
    .map(({ metadata }) => metadata.name)
    .find(name => name !== leads);
  assert.ok(victim !== undefined);
  const pool = await poolHeldBy(victim, 'held');
  const undisturbed = await poolHeldBy(leads, 'other');
  const [load, beside] = [startLoad(pool), startLoad(undisturbed)];
  const plain = new StreamLoad(address, 'front.example', 'backend').clients(1, SHORT_MS);
  await isBusy(pool);

  const restarts = await failover.restarts(victim);
  const killedAt = failover.kill(victim);
  const route = newRoute('after-holder');
  await until('the other one holds', async () => (await failover.holder(pool)) === leads, PATIENCE_MS);
  const heldMs = performance.now() - killedAt;
  const servedAt = await until('it serves', () => load.servedSince(killedAt + 100), PATIENCE_MS);
  const took = await route;
  await standsBy(victim, restarts, [pool, undisturbed]);
  await Promise.all([load, beside, plain].map(each => each.stop()));

  t.diagnostic(
    `held after ${seconds(heldMs)}, served after ${seconds(servedAt - killedAt)}; ${inflightAt(load, killedAt)} in flight ended well; ${JSON.stringify(load.summary())}; beside ${JSON.stringify(beside.summary())}; plain ${JSON.stringify(plain.summary())}; a new route: served after ${seconds(took.servedMs)}, status after ${seconds(took.statusMs)}`,
  );
  assert.ok(heldMs < TAKEOVER_MS, `${heldMs} ms`);
  assert.ok(inflightAt(load, killedAt) >= 2);
  assertOutcomes(load, true);
  assertOutcomes(beside, false);
  assert.deepEqual(Object.keys(plain.summary()), ['served'], 'what needs no picker');
  await atRest([pool, undisturbed]);
});

test('the leader is killed, which holds one pool and not another', async t => {
  const victim = await until('one leads', () => failover.leader(), PATIENCE_MS);
  const other = (await failover.replicas())
    .map(({ metadata }) => metadata.name)
    .find(name => name !== victim);
  assert.ok(other !== undefined);
  const pool = await poolHeldBy(victim, 'led');
  const undisturbed = await poolHeldBy(other, 'free');
  const [load, beside] = [startLoad(pool), startLoad(undisturbed)];
  const plain = new StreamLoad(address, 'front.example', 'backend').clients(1, SHORT_MS);
  await Promise.all([isBusy(pool), isBusy(undisturbed)]);

  const restarts = await failover.restarts(victim);
  const killedAt = failover.kill(victim);
  const route = newRoute('after-leader');
  await until('the other one holds', async () => (await failover.holder(pool)) === other, PATIENCE_MS);
  const heldMs = performance.now() - killedAt;
  const servedAt = await until('it serves', () => load.servedSince(killedAt + 100), PATIENCE_MS);
  await until('the other one leads', async () => (await failover.leader()) === other, PATIENCE_MS);
  const ledMs = performance.now() - killedAt;
  const took = await route;
  await standsBy(victim, restarts, [pool, undisturbed]);
  await Promise.all([load, beside, plain].map(each => each.stop()));

  t.diagnostic(
    `held after ${seconds(heldMs)}, served after ${seconds(servedAt - killedAt)}, led after ${seconds(ledMs)}; ${inflightAt(load, killedAt)} in flight ended well; ${JSON.stringify(load.summary())}; beside ${JSON.stringify(beside.summary())}; plain ${JSON.stringify(plain.summary())}; a new route: served after ${seconds(took.servedMs)}, status after ${seconds(took.statusMs)}`,
  );
  assert.ok(heldMs < TAKEOVER_MS, `${heldMs} ms`);
  assert.ok(inflightAt(load, killedAt) >= 2 && inflightAt(beside, killedAt) >= 2);
  assertOutcomes(load, true);
  assertOutcomes(beside, false);
  assert.deepEqual(Object.keys(plain.summary()), ['served'], 'what needs no picker');
  await atRest([pool, undisturbed]);
});

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
