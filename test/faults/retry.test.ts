import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { plainRoute, poolRoute } from '../proxy/support/manifests.ts';
import { field, readHead } from '../proxy/support/message.ts';
import { answer, type Script } from '../proxy/support/upstream.ts';
import { WireEnded } from '../proxy/support/wire.ts';
import { CHAT, inTurn } from './support/scripts.ts';

const gateway = useGateway();
const RULE = 'retry: { attempts: 2, codes: [500, 503], backoff: 1ms }';

test('a code that the route names is tried again, with the same body; the last answer is passed on', async () => {
  const bodies: string[] = [];
  const script: Script = async request => {
    bodies.push((await request.body()).body);
    await inTurn(503, 500, 'ok')({ ...request, body: async () => ({}) as never });
  };
  await gateway.serve(
    script,
    async ({ send, upstream }) => {
      assert.equal((await send(CHAT)).body, 'ok');
      assert.equal(upstream.requests.length, 3);
    },
    poolRoute({ rule: RULE }),
  );
  assert.equal(new Set(bodies).size, 1);
});

test('no more tries than the route allows, and none for other codes', () =>
  gateway.serve(
    inTurn(500, 500, 500, 502),
    async ({ send, upstream }) => {
      assert.equal((await send(CHAT)).status, 500);
      assert.equal(upstream.requests.length, 3);
      assert.equal((await send(CHAT)).status, 502);
      assert.equal(upstream.requests.length, 4);
    },
    poolRoute({ rule: RULE }),
  ));

for (const [kind, manifests] of [
  ['a pool', poolRoute],
  ['a Backend', plainRoute],
] as const) {
  test(`another endpoint of ${kind} is tried, each once before any twice`, () =>
    gateway.serveMany(
      [inTurn(503), inTurn(503), inTurn('ok')],
      async ({ send, upstreams }) => {
        for (let i = 0; i < 5; i++) {
          assert.equal((await send(CHAT)).body, 'ok');
          const seen = upstreams.map(upstream => upstream.requests.length);
          assert.ok(
            seen.every(count => count <= i + 1),
            `${seen}`,
          );
        }
      },
      manifests({ rule: RULE }),
    ));
}

test('an endpoint that cannot be reached is no reason to fail while another can', () =>
  gateway.serveMany(
    [inTurn('ok'), inTurn('ok')],
    async ({ send, upstreams }) => {
      await upstreams[0]?.close();
      for (let i = 0; i < 10; i++) assert.equal((await send(CHAT)).body, 'ok');
    },
    plainRoute({ policy: 'retry: { numRetries: 1, retryOn: { triggers: [connect-failure] } }' }),
  ));

test('a reset before the answer is tried again where the policy says so; after its first byte never', () => {
  const script: Script = async ({ wire, body, index }) => {
    await body();
    if (index === 0) wire.reset();
    else if (index === 1) wire.write(answer('ok'));
    else {
      wire.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01');
      wire.socket.end();
    }
  };
  return gateway.serve(
    script,
    async ({ send, upstream }) => {
      assert.equal((await send(CHAT)).body, 'ok');
      assert.equal(upstream.requests.length, 2);
      await assert.rejects(send(CHAT), WireEnded);
      assert.equal(upstream.requests.length, 3);
    },
    poolRoute({ policy: 'retry: { numRetries: 2, retryOn: { triggers: [reset] } }' }),
  );
});

test('a try that takes too long is another endpoint’s; the permit stays one', () =>
  gateway.serveMany(
    [inTurn('hang'), inTurn('ok')],
    async ({ send, upstreams, snapshot }) => {
      for (let i = 0; i < 4; i++) assert.equal((await send(CHAT)).body, 'ok');
      assert.ok(upstreams.every(upstream => upstream.peak === 1));
      const [scope] = (await snapshot()).limits;
      assert.equal(scope?.overflow['maxParallelRequests'], 0);
    },
    poolRoute({
      rule: 'retry: { attempts: 1, codes: [503], backoff: 1ms }\ntimeouts: { backendRequest: 500ms }',
      policy: 'circuitBreaker: { maxParallelRequests: 1 }',
    }),
  ));

test('backoff delays the next try', () =>
  gateway.serve(
    inTurn(503, 503, 503, 503, 'ok'),
    async ({ send }) => {
      const began = performance.now();
      assert.equal((await send(CHAT)).body, 'ok');
      assert.ok(performance.now() - began < 5000);
    },
    poolRoute({ rule: 'retry: { attempts: 4, codes: [503], backoff: 20ms }' }),
  ));

test('a retry budget refuses retries beyond its share, and the answer of the server is passed on', () => {
  const held: (() => void)[] = [];
  const script: Script = async ({ wire, body }) => {
    await body();
    await new Promise<void>(resolve => held.push(resolve));
    wire.write('HTTP/1.1 503 X\r\ncontent-length: 2\r\n\r\nmy');
  };
  return gateway.serve(
    script,
    async ({ connect, snapshot }) => {
      const clients = await Promise.all(Array.from({ length: 10 }, connect));
      for (const client of clients) client.write(CHAT);
      let refused = 0;
      const reading = clients.map(async client => {
        const head = await readHead(client);
        refused++;
        return field(head, 'x-envoy-overloaded');
      });
      // All fail at once, again and again: 20 % of 10 requests may retry at a time.
      const timer = setInterval(() => {
        for (const release of held.splice(0)) release();
      }, 20);
      const overloaded = await Promise.all(reading);
      clearInterval(timer);
      assert.equal(refused, 10);
      assert.deepEqual([...new Set(overloaded)], [undefined]);
      const [scope] = (await snapshot()).limits;
      assert.ok((scope?.overflow['maxParallelRetries'] ?? 0) >= 1);
    },
    poolRoute({
      policy:
        'circuitBreaker: { retryBudget: { percent: { numerator: 20 }, minRetryConcurrency: 1 } }\nretry: { numRetries: 3, retryOn: { httpStatusCodes: [503] }, perRetry: { backOff: { baseInterval: 200ms, maxInterval: 400ms } } }',
    }),
  );
});
