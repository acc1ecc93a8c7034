import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaReports } from '../../src/envoy/fleet/other-replicas.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { CLASS, FleetScene, gateway, planOf, prefix, REFUSED } from './support/fleet-scene.ts';

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
      say: text => {
        if (this.#texts.get(name) === text) return;
        this.#texts.set(name, text);
        for (const [other, listener] of this.#listeners) if (other !== name) listener();
      },
      heard: () => [...this.#texts].flatMap(([other, text]) => (other === name ? [] : [text])),
      onHeard: listener => {
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
  await until('the refusal is told', () =>
    /^Envoy far says: .*missing \)/.test(leader.trouble(server) ?? ''),
  );
  const [report] = leader.fleet.report().servers;
  assert.equal(report?.elsewhere, undefined, 'it is not served elsewhere');
  await follower.serves(port, '/a');

  await apply(prefix('/b'));
  await until('it is mended', () => leader.trouble(server) === undefined);
  await envoy.stop();
  await until('it is gone', () => /no Envoy/.test(leader.trouble(server) ?? ''));
});

test('an Envoy that refuses its configuration keeps the last good one alone, and a newer one takes it', async () => {
  await using scene = await FleetScene.start();
  const [first, second] = [await freePort(), await freePort()];
  const server = `default/one/${first}`;
  const plan = (port: number, path: object) =>
    planOf(CLASS + gateway('one', port, scene.upstream.port, path));
  await scene.fleet.apply(plan(first, prefix('/a')));
  const old = await scene.envoy('default/one', 'old', OLD);
  await until('it has taken all', () => scene.trouble(server) === undefined);

  // Of another port, so that who answers is known.
  await scene.fleet.apply(plan(second, LONG));
  const trouble = () => scene.trouble(`default/one/${second}`) ?? '';
  await until('the refusal is told', () => /^Envoy old says: .*program size/.test(trouble()));
  await scene.serves(first, '/a');
  assert.match(
    await scene.fleet.metricsText(),
    /breakwater_xds_gateway_envoys_refusing\{gateway="default\/one"\} 1/,
  );

  await scene.envoy('default/one', 'new');
  await scene.serves(second, LONG_PATH);
  await scene.serves(first, '/a');
  assert.match(trouble(), /^Envoy old says/, 'one still refuses it');
  await old.stop();
  await until('all that are left have taken it', () => trouble() === '');
  assert.match(
    await scene.fleet.metricsText(),
    /breakwater_xds_gateway_envoys_refusing\{gateway="default\/one"\} 0/,
  );
});

for (const [name, before] of [
  ['with a last good state', prefix('/a')],
  ['with none', undefined],
] as const)
  test(`what an Envoy has refused it is told again later, and takes it when it can: ${name}`, async () => {
    await using scene = await FleetScene.start({ retry: { firstMs: 50, maxMs: 200 } });
    const port = await freePort();
    const server = `default/one/${port}`;
    const plan = (path: object) => planOf(CLASS + gateway('one', port, scene.upstream.port, path));
    await scene.fleet.apply(plan(before ?? LONG));
    const envoy = await scene.envoy('default/one', 'old', OLD);
    if (before !== undefined) {
      await until('it has taken all', () => scene.trouble(server) === undefined);
      await scene.fleet.apply(plan(LONG));
    }
    const refusals = () => scene.events.filter(event => /Envoy old .*refuses.*program size/.test(event));
    await until('it has refused it three times', () => refusals().length >= 3);
    assert.match(scene.trouble(server) ?? '', /^Envoy old says: .*program size/);
    if (before !== undefined) await scene.serves(port, '/a');

    await fetch(`${envoy.admin}/runtime_modify?${LEVEL}=4294967295`, { method: 'POST' });
    await until('it takes it', () => scene.trouble(server) === undefined);
    await scene.serves(port, LONG_PATH);
  });
