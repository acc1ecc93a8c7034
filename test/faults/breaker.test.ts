import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Scene, useGateway } from '../proxy/support/gateway.ts';
import { plainRoute, poolRoute } from '../proxy/support/manifests.ts';
import { answer, type Script } from '../proxy/support/upstream.ts';
import { eventually } from '../proxy/support/within.ts';
import { CHAT, inTurn, status } from './support/scripts.ts';

const gateway = useGateway({ workers: 2 });
const SHORT =
  'healthCheck: { panicThreshold: 0, passive: { consecutive5XxErrors: 5, baseEjectionTime: 300ms, interval: 1s, maxEjectionPercent: 100 } }';
const BAD_CHAT = CHAT.replace('model-a', 'model-bad').replace(
  /content-length: (\d+)/,
  (_, length) => `content-length: ${Number(length) + 2}`,
);
const NO_HEALTHY = 'no healthy upstream';

const stateOf = async ({ snapshot }: Scene, i = 0) => (await snapshot()).endpoints[i]?.state;

/** Sends so many requests, one after the other. */
async function statuses({ send }: Scene, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await send(CHAT)).status);
  return seen;
}

for (const [name, step, seen] of [
  ['500s', 500, 500],
  ['resets', 'reset', 503],
  ['504s', 504, 504],
] as const) {
  test(`five ${name} in a row open the breaker; nothing is sent then; half-open, one good answer closes it`, () =>
    gateway.serve(
      inTurn(step, step, step, step, step, 'ok'),
      async scene => {
        const { send, upstream } = scene;
        assert.deepEqual(await statuses(scene, 5), Array(5).fill(seen));
        assert.equal(await stateOf(scene), 'open');
        const refused = await send(CHAT);
        assert.deepEqual([refused.status, refused.body], [503, NO_HEALTHY]);
        assert.equal(upstream.requests.length, 5);
        await eventually(2000, 'an answer again', async () => (await send(CHAT)).status === 200);
        assert.equal(await stateOf(scene), 'available');
      },
      poolRoute({ policy: SHORT }),
    ));
}

test('with a policy, an endpoint that fails is left alone while the others serve; client errors never count', () => {
  const scripts: Script[] = [inTurn(500), inTurn('ok'), inTurn(404)];
  return gateway.serveMany(
    scripts,
    async scene => {
      // It gets fewer requests with each that it fails.
      await eventually(10_000, 'an open breaker', async () => {
        await statuses(scene, 10);
        return (await stateOf(scene, 0)) === 'open';
      });
      assert.equal(await stateOf(scene, 1), 'available');
      assert.equal(await stateOf(scene, 2), 'available');
      assert.equal(scene.upstreams[0]?.requests.length, 2);
    },
    poolRoute({
      policy: 'healthCheck: { passive: { consecutive5XxErrors: 2, baseEjectionTime: 30s } }',
    }),
  );
});

test('a client whose requests get 500 takes the pool from nobody', () => {
  const script: Script = async ({ wire, body }) => {
    const bad = (await body()).body.includes('bad');
    wire.write(bad ? status(500) : answer('ok'));
  };
  return gateway.serveMany(
    [script, script, script],
    async scene => {
      for (let i = 0; i < 50; i++) {
        assert.equal((await scene.send(BAD_CHAT)).status, 500);
        assert.equal((await scene.send(CHAT)).status, 200);
      }
    },
    poolRoute(),
  );
});

for (const code of [429, 503]) {
  test(`a ${code} is passed on, cools the endpoint while others can serve, and opens nothing`, () =>
    gateway.serveMany(
      [inTurn(code), inTurn('ok'), inTurn('ok')],
      async scene => {
        const [busy] = scene.upstreams;
        await eventually(5000, `a ${code}`, async () => (await scene.send(CHAT)).status === code);
        assert.equal(await stateOf(scene), 'cooling');
        assert.equal(busy?.requests.length, 1);
        assert.deepEqual(await statuses(scene, 10), Array(10).fill(200));
        assert.equal(busy?.requests.length, 1);
      },
      poolRoute(),
    ));
}

test('a pool whose only endpoint cools is served by it all the same', () =>
  gateway.serve(
    inTurn(503, 503, 503, 503, 503, 503, 503, 'ok'),
    async scene => {
      assert.deepEqual(await statuses(scene, 8), [...Array(7).fill(503), 200]);
    },
    poolRoute(),
  ));

test('a server that breaks off a hundred requests at once is out once, not twenty times as long', () => {
  const arrived: (() => void)[] = [];
  let broken = false;
  const script: Script = async ({ wire, body }) => {
    await body();
    if (broken) {
      wire.write(answer('ok'));
      return;
    }
    arrived.push(() => wire.reset());
  };
  return gateway.serve(
    script,
    async scene => {
      const asked = Array.from({ length: 100 }, () => scene.send(CHAT));
      await eventually(5000, 'a hundred requests', () => arrived.length === 100);
      const brokenAt = performance.now();
      broken = true;
      for (const reset of arrived) reset();
      for (const response of await Promise.all(asked)) assert.equal(response.status, 503);
      await eventually(3000, 'an answer again', async () => (await scene.send(CHAT)).status === 200);
      assert.ok(performance.now() - brokenAt < 2000, `${performance.now() - brokenAt} ms`);
    },
    poolRoute({ policy: SHORT }),
  );
});

test('active health checks take an endpoint out and back in, over HTTP', () => {
  let well = true;
  const script: Script = async ({ head, wire, body }) => {
    await body();
    if (head.line.startsWith('GET /ready ')) wire.write(status(well ? 200 : 500));
    else wire.write(answer('ok'));
  };
  const policy =
    'healthCheck: { panicThreshold: 0, active: { type: HTTP, interval: 50ms, timeout: 1s, unhealthyThreshold: 2, healthyThreshold: 1, http: { path: /ready } } }';
  return gateway.serve(
    script,
    async scene => {
      assert.equal((await scene.send(CHAT)).status, 200);
      well = false;
      await eventually(3000, 'no endpoint', async () => (await stateOf(scene)) === 'probe-failed');
      assert.equal((await scene.send(CHAT)).body, NO_HEALTHY);
      well = true;
      await eventually(3000, 'an answer again', async () => (await scene.send(CHAT)).status === 200);
    },
    poolRoute({ policy }),
  );
});

test('of a Service, an endpoint that is ejected gets nothing until it is tried again', () =>
  gateway.serveMany(
    [inTurn(500), inTurn('ok'), inTurn('ok')],
    async scene => {
      await eventually(5000, 'five 500s', async () => {
        await scene.send(CHAT);
        return scene.upstreams[0]?.requests.length === 5;
      });
      assert.deepEqual(await statuses(scene, 20), Array(20).fill(200));
    },
    plainRoute({
      policy:
        'healthCheck: { passive: { consecutive5XxErrors: 5, baseEjectionTime: 30s, interval: 1s, maxEjectionPercent: 100 } }',
    }),
  ));
