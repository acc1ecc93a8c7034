import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
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

/** On an HTTP/2 connection. */
async function askHttp2(session: ClientHttp2Session): Promise<unknown> {
  const stream = session.request({ ':path': '/a', ':authority': 'a.example' });
  stream.resume();
  const [headers] = await once(stream, 'response');
  await once(stream, 'end');
  return headers[':status'];
}

test('an Envoy whose Pod is to end tells HTTP/2 clients by GOAWAY, with an answer', async () => {
  await using scene = await FleetScene.start();
  const port = await freePort();
  await scene.fleet.apply(planOf(CLASS + gateway('one', port, scene.upstream.port, prefix('/a'))));
  const envoy = await scene.envoy('default/one', 'one-pod');
  await envoy.port('default/one/http');
  await scene.serves(port, '/a');
  const session = connect(`http://127.0.0.1:${port}`);
  let goneAway: number | undefined;
  session.on('goaway', code => {
    goneAway = code;
  });
  for (let i = 0; i < 3; i++) assert.equal(await askHttp2(session), 200);
  assert.equal(goneAway, undefined);

  scene.fleet.end(new Set(['default/one-pod']));
  await until('it lets the connection go', async () => {
    if (goneAway === undefined && !session.closed) assert.equal(await askHttp2(session), 200);
    return goneAway === undefined ? undefined : true;
  });
  assert.equal(goneAway, 0, 'without an error');
  session.close();

  const next = connect(`http://127.0.0.1:${port}`);
  assert.equal(await askHttp2(next), 200, 'who comes is served');
  next.close();
});
