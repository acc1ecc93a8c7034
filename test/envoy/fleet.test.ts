import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { CLASS, FleetScene, gateway, planOf, prefix, REFUSED } from './support/fleet-scene.ts';

test('each Envoy is told its own Gateway, and one that refuses does not hold up the others', async () => {
  await using scene = await FleetScene.start();
  const [first, second] = [await freePort(), await freePort()];
  const plan = (one: object, two: object) =>
    planOf(
      CLASS +
        gateway('one', first, scene.upstream.port, one) +
        gateway('two', second, scene.upstream.port, two),
    );
  const servers = { one: `default/one/${first}`, two: `default/two/${second}` };
  const report = await scene.fleet.apply(plan(prefix('/a'), prefix('/a')));
  assert.deepEqual(
    report.servers.map(({ error }) => error),
    Array(2).fill('no Envoy of this Gateway is connected to the control plane'),
  );
  let changes = 0;
  scene.fleet.onReport(() => changes++);

  const envoy = await scene.envoy('default/one');
  await envoy.port('default/one/http');
  await until('it has taken all', () => scene.trouble(servers.one) === undefined);
  await scene.serves(first, '/a');
  assert.match(scene.trouble(servers.two) ?? '', /no Envoy of this Gateway/);
  assert.ok(changes > 0);
  const dump = await envoy.get('/config_dump?include_eds');
  assert.doesNotMatch(dump, /default\/two/);

  await scene.envoy('default/two').then(other => other.port('default/two/http'));
  await until('the other too', () => scene.trouble(servers.two) === undefined);

  await scene.fleet.apply(plan(REFUSED, prefix('/b')));
  await until('the refusal is told', () => /missing \)/.test(scene.leftOut('one') ?? ''));
  await scene.serves(second, '/b');
  assert.equal(scene.trouble(servers.two), undefined);
  await until('all else is served', () => scene.trouble(servers.one) === undefined);
  assert.equal(scene.leftOut('two'), undefined);
  assert.ok(
    scene.events.some(event => /default\/one-pod of Gateway default\/one refuses .*missing \)/.test(event)),
  );

  await scene.fleet.apply(plan(prefix('/c'), prefix('/b')));
  await until('it is mended', () => scene.leftOut('one') === undefined);
  await scene.serves(first, '/c');
  assert.equal(scene.trouble(servers.one), undefined);
});

test('an Envoy that is nobody’s is turned away, and says so in the log', async () => {
  await using scene = await FleetScene.start();
  await scene.fleet.apply(planOf(CLASS + gateway('one', await freePort(), scene.upstream.port, prefix('/'))));
  await scene.envoy('default/other', 'stranger');
  await until('it is told', () =>
    scene.events.some(event => /^xDS 127\.0\.0\.1:\d+.*"stranger" belongs to no gateway/.test(event)),
  );
  assert.match(await scene.fleet.metricsText(), /breakwater_xds_events_total\{kind="refused"\} [1-9]/);
});
