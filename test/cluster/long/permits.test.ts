import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type ApiServer, loadApiServer } from '../../../src/cluster/api-server/index.ts';
import { PoolLeases } from '../../../src/cluster/permits/index.ts';
import { until } from '../../support/until.ts';
import { Lab } from '../lab/index.ts';
import { Forwarder } from '../support/forwarder.ts';

const POOLS = Array.from({ length: 200 }, (_, index) => `default/pool-${index}`);
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
/** What is promised after the kill of a holder. */
const TAKEOVER_MS = 5_000;

let lab: Lab;
let replicas: Replica[] = [];
let twice: string[] = [];
let sampling: NodeJS.Timeout;

before(async () => {
  lab = await Lab.start({ crds: [], controllers: false });
  // Both are of this thread: at this very moment, by the view of each.
  sampling = setInterval(() => twice.push(...heldTwice()), 5);
});
after(async () => {
  clearInterval(sampling);
  await lab?.stop();
});
afterEach(async () => {
  for (const replica of replicas) await replica.end();
  replicas = [];
  assert.deepEqual(twice, [], 'pools that two held at once');
  twice = [];
  await lab.objects.ask('DELETE', LEASES);
});

/** A replica in this process, on a way of its own to the API server and to the others. */
class Replica {
  readonly leases: PoolLeases;
  readonly way: Forwarder;
  readonly pod: string;
  requests = 0;
  /** Its peers do not reach it, nor it them. */
  alone = false;
  readonly problems: string[] = [];
  readonly #server: ApiServer;

  private constructor(pod: string, way: Forwarder, server: ApiServer) {
    this.pod = pod;
    this.way = way;
    this.#server = server;
    const request = server.request.bind(server);
    server.request = (...args) => {
      this.requests++;
      return request(...args);
    };
    this.leases = new PoolLeases({
      server,
      namespace: 'default',
      pod,
      address: { ip: `10.0.0.${pod.slice(1)}`, port: 8081 },
      onProblem: message => this.problems.push(message),
      ask: async (identity, path) => {
        const peer = replicas.find(each => identity.startsWith(`${each.pod}_`));
        return peer !== undefined && !peer.alone && !this.alone && peer.leases.answer(path) === 200;
      },
    });
    this.leases.want(POOLS);
  }

  static async start(pod: string): Promise<Replica> {
    const way = await Forwarder.start(lab.controlPlane.port);
    const server = await loadApiServer({ kubeconfig: await way.kubeconfig(lab.kubeconfig) });
    const replica = new Replica(pod, way, server);
    replicas.push(replica);
    return replica;
  }

  held(): string[] {
    return POOLS.filter(pool => this.leases.held(pool) !== undefined);
  }

  /** As a node that is cut off: it lives, and nobody hears of it. */
  cutOff(): void {
    this.alone = true;
    this.cutFromApiServer();
  }

  cutFromApiServer(): void {
    this.way.closed = true;
    this.way.cutAll();
  }

  async end(): Promise<void> {
    await this.leases.stop();
    this.#server.close();
    await this.way.stop();
  }
}

function heldTwice(): string[] {
  return POOLS.filter(pool => replicas.filter(({ leases }) => leases.held(pool) !== undefined).length > 1);
}

/** Every pool has a holder among these, and all of these know which. */
async function settled(among: readonly Replica[], withinMs = 60_000): Promise<void> {
  await until(
    `${among.map(({ pod }) => pod)} hold all (now ${among.map(each => `${each.pod}: ${each.held().length}`)})`,
    () =>
      POOLS.every(pool => {
        const holder = among.find(({ leases }) => leases.held(pool) !== undefined);
        const address = `10.0.0.${holder?.pod.slice(1)}`;
        return holder !== undefined && among.every(({ leases }) => leases.ownerOf(pool) === address);
      }) || undefined,
    withinMs,
  );
}

test('each of 200 pools has one holder, which all replicas know; at rest that costs a handful of requests', async t => {
  const three = [await Replica.start('r1'), await Replica.start('r2'), await Replica.start('r3')];
  await settled(three);
  const before = three.reduce((sum, { requests }) => sum + requests, 0);
  const startedAt = performance.now();
  await until('five seconds have passed', () => performance.now() > startedAt + 5_000 || undefined);
  const seconds = (performance.now() - startedAt) / 1000;
  const perSecond = (three.reduce((sum, { requests }) => sum + requests, 0) - before) / seconds;
  t.diagnostic(
    `${perSecond.toFixed(1)} requests a second of 3 replicas; they hold ${three.map(each => each.held().length)}`,
  );
  // A renewal each 750 ms of each replica is 4 a second; a slow machine sends fewer.
  assert.ok(perSecond < 6, `${perSecond} requests a second`);
  // An API server on a busy machine is late: that is told, and tried again.
  const late = /no answer to .* within \d+ s$/;
  assert.deepEqual(
    three.flatMap(({ problems }) => problems).filter(problem => !late.test(problem)),
    [],
  );
});

test('a holder that is gone without a word is followed within 5 s', async t => {
  const [gone, ...others] = [await Replica.start('r1'), await Replica.start('r2'), await Replica.start('r3')];
  await settled([gone as Replica, ...others]);
  const lost = (gone as Replica).held().length;
  assert.ok(lost > 0 || others.every(each => each.held().length > 0));
  gone?.cutOff();
  const startedAt = performance.now();
  await settled(others);
  const took = performance.now() - startedAt;
  t.diagnostic(`${lost} pools were taken over after ${(took / 1000).toFixed(2)} s`);
  assert.ok(took < TAKEOVER_MS, `${took} ms`);
  assert.deepEqual(gone?.held(), []);
});

test('a replica that stops in order is followed at once, and comes back under its name', async t => {
  const [first, second] = [await Replica.start('r1'), await Replica.start('r2')];
  await settled([first, second]);
  const startedAt = performance.now();
  replicas = replicas.filter(each => each !== first);
  await first.end();
  await settled([second]);
  t.diagnostic(`taken over after ${((performance.now() - startedAt) / 1000).toFixed(2)} s`);
  const again = await Replica.start('r1');
  await settled([again, second]);
  const third = replicas.find(each => each === second);
  third?.cutOff();
  await settled([again]);
});

test('while no replica reaches the API server all hold what they held', async () => {
  const two = [await Replica.start('r1'), await Replica.start('r2')];
  await settled(two);
  const before = two.map(each => each.held());
  await lab.controlPlane.killApiServer();
  const startedAt = performance.now();
  await until('longer than a Lease lasts has passed', () => {
    assert.deepEqual(
      two.map(each => each.held().length),
      before.map(held => held.length),
    );
    return performance.now() > startedAt + 8_000 || undefined;
  });
  await lab.controlPlane.startApiServer();
  await settled(two);
  assert.deepEqual(
    two.map(each => each.held()),
    before,
  );
});

test('a holder that its peers hear of keeps its pools without the API server; one that they do not hear of stops first', async () => {
  const [cut, other] = [await Replica.start('r1'), await Replica.start('r2')];
  await settled([cut, other]);
  const before = cut.held();
  cut.cutFromApiServer();
  const startedAt = performance.now();
  await until(
    'longer than a Lease lasts has passed',
    () => performance.now() > startedAt + 6_000 || undefined,
  );
  assert.deepEqual(cut.held(), before);
  // One that comes now asks as well.
  const late = await Replica.start('r3');
  await until('the newcomer has looked around', () => late.leases.ownerOf(before[0] as string));
  await until(
    'longer than a Lease lasts has passed',
    () => performance.now() > startedAt + 12_000 || undefined,
  );
  assert.deepEqual(cut.held(), before);
  cut.alone = true;
  await settled([other, late]);
  assert.deepEqual(cut.held(), []);
});

test('a pool that is gone leaves no Lease', async () => {
  const one = await Replica.start('r1');
  await settled([one]);
  one.leases.want(POOLS.slice(0, 10));
  await until('its Leases are gone', async () => {
    const { items } = (await lab.objects.ask('GET', LEASES)) as { items: { metadata: { name: string } }[] };
    return (
      items.filter(({ metadata }) => metadata.name.startsWith('breakwater-pool-')).length === 10 || undefined
    );
  });
  one.leases.want(POOLS);
  await settled([one]);
});

test('replicas hear what the others say as long as those live, whoever deletes it; and nothing is left', async () => {
  const [first, second] = [await Replica.start('r1'), await Replica.start('r2')];
  let told = 0;
  second.leases.onReports(() => told++);
  const hears = (what: readonly string[]) =>
    until(`the other hears ${what}`, () => `${second.leases.reports()}` === `${what}` || undefined);
  first.leases.publish('one');
  await hears(['one']);
  first.leases.publish('two');
  await hears(['two']);
  assert.ok(told >= 2);
  assert.deepEqual(first.leases.reports(), [], 'not itself');
  const name = 'breakwater-report-r1';
  await lab.objects.ask('DELETE', `${LEASES}/${name}`);
  await hears([]);
  await hears(['two']);

  first.cutOff();
  await hears([]);
  first.way.closed = false;
  await hears(['two']);
  replicas = replicas.filter(each => each !== first);
  await first.end();
  await hears([]);
  const { items } = (await lab.objects.ask('GET', LEASES)) as { items: { metadata: { name: string } }[] };
  assert.deepEqual(
    items.filter(({ metadata }) => metadata.name === name),
    [],
  );
});
