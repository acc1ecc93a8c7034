import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaReports } from '../../src/envoy/fleet/other-replicas.ts';
import { sharedParts } from '../../src/translate/shared-parts.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { CLASS, FleetScene, gateway, planOf, prefix, REFUSED, route } from './support/fleet-scene.ts';

const LEVEL = 're2.max_program_size.error_level';
/** What an Envoy refuses that has its own default for regular expressions. */
const LONG = { type: 'RegularExpression', value: '/[a-m]{50}[n-z]{50}' };
/** An Envoy that was begun without our bootstrap's runtime, and can be mended. */
const OLD = {
  layeredRuntime: {
    layers: [
      { name: 'static', staticLayer: { [LEVEL]: 100 } },
      { name: 'admin', adminLayer: {} },
    ],
  },
};
const LONG_PATH = `/${'a'.repeat(50)}${'z'.repeat(50)}`;

/** Where replicas of one thread tell each other. */
class Board {
  readonly #texts = new Map<string, string>();
  readonly #listeners = new Map<string, () => void>();

  replica(name: string): ReplicaReports {
    return {
      publish: text => {
        if (this.#texts.get(name) === text) return;
        this.#texts.set(name, text);
        for (const [other, listener] of this.#listeners) if (other !== name) listener();
      },
      reports: () => [...this.#texts].flatMap(([other, text]) => (other === name ? [] : [text])),
      onReports: listener => {
        this.#listeners.set(name, listener);
        return () => this.#listeners.delete(name);
      },
    };
  }
}

test('what an Envoy of another replica takes or refuses is in the report of each', async () => {
  const board = new Board();
  await using leader = await FleetScene.start({ replicas: board.replica('leader') });
  await using follower = await FleetScene.start({ replicas: board.replica('follower') });
  const port = await freePort();
  const server = `default/one/${port}`;
  const apply = async (path: object) => {
    const plan = planOf(CLASS + gateway('one', port, follower.upstream.port, path));
    await Promise.all([leader.fleet.apply(plan), follower.fleet.apply(plan)]);
  };
  await apply(prefix('/a'));
  assert.match(leader.trouble(server) ?? '', /no Envoy of this Gateway/);
  let changes = 0;
  leader.fleet.onReport(() => changes++);

  const envoy = await follower.envoy('default/one', 'far');
  await until('the leader has heard of it', () => leader.trouble(server) === undefined);
  assert.ok(changes > 0);
  assert.deepEqual(leader.fleet.report(), follower.fleet.report());

  await apply(REFUSED);
  await until('the refusal is told', () => /missing \)/.test(leader.leftOut('one') ?? ''));
  assert.deepEqual(leader.fleet.report(), follower.fleet.report());

  await apply(prefix('/b'));
  await until('it is mended', () => leader.leftOut('one') === undefined);
  await follower.serves(port, '/b');
  assert.equal(leader.trouble(server), undefined);
  await envoy.stop();
  await until('it is gone', () => /no Envoy/.test(leader.trouble(server) ?? ''));
});

test('what one Envoy refuses costs its own route, for all Envoys of the Gateway, as long as that one is there', async () => {
  await using scene = await FleetScene.start();
  const [first, second] = [await freePort(), await freePort()];
  const many = Array.from({ length: 20 }, (_, i) => i);
  const plan = (port: number, path: object) =>
    planOf(
      CLASS +
        gateway('one', port, scene.upstream.port, path) +
        many.map(i => route(`r${i}`, 'one', prefix(`/r${i}`))).join(''),
    );
  await scene.fleet.apply(plan(first, prefix('/a')));
  const old = await scene.envoy('default/one', 'old', OLD);
  await until('it has taken all', () => scene.trouble(`default/one/${first}`) === undefined);

  // Of another port, so that who answers is known.
  await scene.fleet.apply(plan(second, LONG));
  await until('the refusal is told', () => /program size/.test(scene.leftOut('one') ?? ''));
  assert.deepEqual([...new Set(scene.fleet.report().leftOut?.map(({ source }) => source.name))], ['one']);
  await until('it is programmed', () => scene.trouble(`default/one/${second}`) === undefined);
  await Promise.all(many.map(i => scene.serves(second, `/r${i}`)));
  assert.equal((await scene.served(second, LONG_PATH)).slice(0, 3), '404', 'its match is refused too');
  const refusing = async () =>
    /gateway_envoys_refusing\{gateway="default\/one"\} (\d)/.exec(await scene.fleet.metricsText())?.[1];
  assert.equal(await refusing(), '1');

  const newer = await scene.envoy('default/one', 'new');
  await newer.port('default/one/http').catch(() => {});
  await scene.serves(second, '/r0');
  assert.match(scene.leftOut('one') ?? '', /program size/, 'one still refuses it');
  await old.stop();
  await until('all that are left have taken it', () => scene.leftOut('one') === undefined);
  await scene.serves(second, LONG_PATH);
  assert.equal(await refusing(), '0');
});

test('while an Envoy is asked which new route it refuses, what it has taken is served on', async () => {
  await using scene = await FleetScene.start();
  const port = await freePort();
  const old = CLASS + gateway('one', port, scene.upstream.port, prefix('/a'));
  const before = planOf(old);
  await scene.fleet.apply(before);
  await scene.envoy('default/one', 'envoy');
  await scene.serves(port, '/a');
  const many = Array.from({ length: 20 }, (_, i) => route(`r${i}`, 'one', prefix(`/r${i}`)));
  const after = planOf(old + many.join('') + route('bad', 'one', REFUSED));
  await scene.fleet.apply({ ...sharedParts(after, before), version: after.version });
  const answers = new Set<string>();
  await until('it is known', async () => {
    answers.add(await scene.served(port, '/a'));
    return scene.leftOut('bad') !== undefined;
  });
  for (let i = 0; i < 20; i++) await scene.serves(port, `/r${i}`);
  answers.add(await scene.served(port, '/a'));
  assert.deepEqual([...answers], ['200 served']);
});

for (const [name, before] of [
  ['that has taken something before', prefix('/a')],
  ['that is new', undefined],
] as const)
  test(`what an Envoy has refused it is told again later, and takes it when it can: one ${name}`, async () => {
    await using scene = await FleetScene.start({ retry: { firstMs: 50, maxMs: 200 } });
    const port = await freePort();
    const server = `default/one/${port}`;
    const plan = (path: object) =>
      planOf(
        CLASS + gateway('one', port, scene.upstream.port, path) + route('other', 'one', prefix('/other')),
      );
    await scene.fleet.apply(plan(before ?? LONG));
    const envoy = await scene.envoy('default/one', 'old', OLD);
    if (before !== undefined) {
      await until('it has taken all', () => scene.trouble(server) === undefined);
      await scene.fleet.apply(plan(LONG));
    }
    const refusals = () => scene.events.filter(event => /Envoy old .*refuses.*program size/.test(event));
    await until('it has refused it three times', () => refusals().length >= 3);
    assert.match(scene.leftOut('one') ?? '', /program size/);
    await scene.serves(port, '/other');

    await fetch(`${envoy.admin}/runtime_modify?${LEVEL}=4294967295`, { method: 'POST' });
    await until('it takes it', () => scene.leftOut('one') === undefined);
    await scene.serves(port, LONG_PATH);
  });
