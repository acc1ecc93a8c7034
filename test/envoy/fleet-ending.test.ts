import assert from 'node:assert/strict';
import { Agent, type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { until } from '../support/until.ts';
import { CLASS, FleetScene, gateway, prefix } from './support/fleet-scene.ts';

/** On a connection of the agent's. */
function ask(port: number, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/a', agent, headers: { host: 'a.example' } }, response => {
      response.resume();
      response.on('end', () => resolve(response));
    })
      .on('error', reject)
      .end();
  });
}

test('an Envoy whose Pod is to end serves on whoever comes, and lets connections go with an answer; the others are as they were', async () => {
  await using scene = await FleetScene.start();
  const [one, two] = [await freePort(), await freePort()];
  const plan = planOf(
    CLASS +
      gateway('one', one, scene.upstream.port, prefix('/a')) +
      gateway('two', two, scene.upstream.port, prefix('/a')),
  );
  await scene.fleet.apply(plan);
  for (const name of ['one', 'two']) {
    const envoy = await scene.envoy(`default/${name}`, `${name}-pod`);
    await envoy.port(`default/${name}/http`);
  }
  await scene.serves(one, '/a');
  await scene.serves(two, '/a');
  const [kept, other] = [1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 })) as [Agent, Agent];
  assert.notEqual((await ask(one, kept)).headers.connection, 'close');

  scene.fleet.end(new Set(['default/one-pod']));
  await until(
    'it lets a kept connection go',
    async () => (await ask(one, kept)).headers.connection === 'close',
  );
  for (let i = 0; i < 20; i++) {
    const { statusCode, headers } = await ask(one, kept);
    assert.deepEqual([statusCode, headers.connection], [200, 'close']);
  }
  assert.notEqual((await ask(two, other)).headers.connection, 'close');

  // It stays so with another plan.
  await scene.fleet.apply(
    planOf(
      CLASS +
        gateway('one', one, scene.upstream.port, prefix('/')) +
        gateway('two', two, scene.upstream.port, prefix('/a')),
    ),
  );
  await scene.serves(one, '/b');
  assert.equal((await ask(one, kept)).headers.connection, 'close');
  kept.destroy();
  other.destroy();
});
