import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { ask, type Protocol, Scene } from './support/scene.ts';

for (const protocol of ['delta', 'state-of-the-world'] satisfies Protocol[]) {
  test(`${protocol}: an Envoy serves what it is told, and routes change under load without an error`, () =>
    Scene.run(protocol, async scene => {
      const [one, two] = [await scene.upstream('one'), await scene.upstream('two')];
      const clusters = { one: one.port };
      scene.tell({ routes: { '/a': 'one' }, clusters });
      const envoy = await scene.envoy('first');
      const port = await envoy.port('web');
      await scene.settled();
      assert.equal(await ask(port, '/a'), 'one');
      assert.match(await ask(port, '/b'), /^404/);

      let loading = true;
      const answers = new Map<string, number>();
      const load = Promise.all(
        [0, 1, 2, 3].map(async () => {
          while (loading) {
            const answer = await ask(port, '/a');
            answers.set(answer, (answers.get(answer) ?? 0) + 1);
          }
        }),
      );
      try {
        for (let round = 0; round < 5; round += 1) {
          scene.tell({
            routes: { '/a': 'two', '/b': 'two' },
            clusters: { two: two.port },
            connectTimeoutMs: 1000 + round,
          });
          await scene.settled();
          assert.equal(await ask(port, '/b'), 'two');
          scene.tell({ routes: { '/a': 'one' }, clusters, connectTimeoutMs: 2000 + round });
          await scene.settled();
          assert.match(await ask(port, '/b'), /^404/);
        }
      } finally {
        loading = false;
        await load;
      }
      assert.deepEqual([...answers.keys()].sort(), ['one', 'two']);
      assert.deepEqual(scene.nacks, []);
      assert.deepEqual(await clusterNames(envoy), ['one']);
    }));

  test(`${protocol}: a listener that an Envoy refuses is reported; it keeps the one that it had, and takes the rest`, () =>
    Scene.run(protocol, async scene => {
      const { port: to } = await scene.upstream('one');
      scene.tell({ routes: { '/a': 'one' }, clusters: { one: to } });
      const envoy = await scene.envoy('first');
      const port = await envoy.port('web');
      await scene.settled();

      scene.tell({ routes: { '/b': 'one' }, clusters: { one: to }, brokenListener: true });
      await scene.settled();
      assert.equal(scene.nacks.length, 1);
      const [nack] = scene.nacks;
      assert.deepEqual([nack?.node, nack?.type, nack?.names], ['first', 'listener', ['web']]);
      assert.match(nack?.message ?? '', /web.*stat_prefix|StatPrefix/i);
      const [{ rejections } = { rejections: [] }] = scene.xds.connected();
      assert.deepEqual(
        rejections.map(({ type, name }) => [type, name]),
        [['listener', 'web']],
      );
      assert.equal(await ask(port, '/b'), 'one');

      scene.tell({ routes: { '/c': 'one' }, clusters: { one: to } });
      await scene.settled();
      assert.equal(await ask(port, '/c'), 'one');
      assert.deepEqual(scene.xds.connected()[0]?.rejections, []);
    }));

  test(`${protocol}: a control plane that comes back with the same snapshot changes nothing, and a stream outlives it`, () =>
    Scene.run(protocol, async scene => {
      const upstream = await scene.upstream('one');
      const services = { routes: { '/a': 'one' }, clusters: { one: upstream.port } };
      scene.tell(services);
      const envoy = await scene.envoy('first');
      const port = await envoy.port('web');
      await scene.settled();
      const response = await fetch(`http://127.0.0.1:${port}/a/events`);
      const before = await updates(envoy);
      assert.deepEqual(
        before.map(count => count > 0),
        [true, false, false, true, false, false, true],
      );

      const { port: control } = scene.xds;
      await scene.xds.close();
      assert.equal(await ask(port, '/a'), 'one');
      await scene.control(control);
      scene.tell(services);
      await scene.settled();
      const after = await updates(envoy);
      assert.deepEqual(after, before);

      upstream.streams[0]?.end('data: last\n\n');
      assert.equal(await response.text(), 'data: first\n\ndata: last\n\n');
    }));

  test(`${protocol}: two Envoys are told the same`, () =>
    Scene.run(protocol, async scene => {
      const [one, two] = [await scene.upstream('one'), await scene.upstream('two')];
      const envoys = [await scene.envoy('first'), await scene.envoy('second')];
      await until('both are connected', () => (scene.xds.connected().length === 2 ? true : undefined));
      scene.tell({ routes: { '/': 'one' }, clusters: { one: one.port } });
      const ports = await Promise.all(envoys.map(envoy => envoy.port('web')));
      await scene.settled(2);
      assert.deepEqual(await Promise.all(ports.map(port => ask(port, '/'))), ['one', 'one']);
      scene.tell({ routes: { '/': 'two' }, clusters: { one: one.port, two: two.port } });
      await scene.settled(2);
      assert.deepEqual(await Promise.all(ports.map(port => ask(port, '/'))), ['two', 'two']);
      const connected = scene.xds.connected();
      assert.deepEqual(connected.map(({ node }) => node.id).sort(), ['first', 'second']);
      assert.deepEqual(connected[0]?.acked, connected[1]?.acked);
      assert.match(scene.events[0]?.message ?? '', /^connected: envoy 1\.\d+\.\d+, /);
    }));
}

test('delta: a plan that changed while the control plane was away is taken over under load without an error', () =>
  Scene.run('delta', async scene => {
    const [one, two] = [await scene.upstream('one'), await scene.upstream('two')];
    scene.tell({ routes: { '/': 'one' }, clusters: { one: one.port } });
    const envoy = await scene.envoy('first');
    const port = await envoy.port('web');
    await scene.settled();
    const answers = new Set<string>();
    let loading = true;
    const load = (async () => {
      while (loading) answers.add(await ask(port, '/'));
    })();
    try {
      const { port: control } = scene.xds;
      await scene.xds.close();
      await scene.control(control);
      scene.tell({ routes: { '/': 'two' }, clusters: { two: two.port } });
      await scene.settled();
      assert.deepEqual(await clusterNames(envoy), ['two']);
      assert.equal(await ask(port, '/'), 'two');
    } finally {
      loading = false;
      await load;
    }
    assert.deepEqual([...answers].sort(), ['one', 'two']);
  }));

interface Admin {
  json(path: string): Promise<Record<string, unknown>>;
  stat(name: string): Promise<number>;
}

async function clusterNames(envoy: Admin): Promise<string[]> {
  const { cluster_statuses: all } = (await envoy.json('/clusters?format=json')) as {
    cluster_statuses: { name: string; added_via_api?: boolean }[];
  };
  return all.filter(cluster => cluster.added_via_api).map(({ name }) => name);
}

/** How often each part of the configuration has been changed. */
async function updates(envoy: Admin): Promise<number[]> {
  const names = [
    'cluster_manager.cluster_added',
    'cluster_manager.cluster_modified',
    'cluster_manager.cluster_removed',
    'listener_manager.listener_added',
    'listener_manager.listener_modified',
    'listener_manager.listener_removed',
    'http.web.rds.web.config_reload',
  ];
  return await Promise.all(names.map(name => envoy.stat(name)));
}
