import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerTakes } from '../support/peer-takes.ts';
import { type Scene, useGateway } from './support/gateway.ts';
import { plainRoute, poolRoute } from './support/manifests.ts';
import { field, type Response, readResponse } from './support/message.ts';
import { answer, type Received, type Script } from './support/upstream.ts';
import { eventually } from './support/within.ts';

/** The table of facts/envoy-behaviour.md (Envoy 1.40), with the connection limit held over all workers. */
const gateway = useGateway({ workers: 2 });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

/** Answers when it is told to. */
class Held {
  readonly script: Script = async request => {
    await new Promise<void>(resolve => this.#release.set(request.index, resolve));
    request.wire.write(answer(`served ${request.index}`));
  };
  readonly #release = new Map<number, () => void>();

  async answer({ index }: Received): Promise<void> {
    await eventually(1000, 'the request', () => this.#release.has(index));
    this.#release.get(index)?.();
  }
}

interface Row {
  readonly name: string;
  readonly circuitBreaker: string;
  /** What each of the requests gets, in the order in which they are sent. */
  readonly requests: readonly (
    | 'at once'
    | 'queued'
    | 'maxParallelRequests'
    | 'maxPendingRequests'
    | 'maxConnections'
  )[];
}

const ROWS: readonly Row[] = [
  {
    name: "the seed's policy: one at a time, no queue",
    circuitBreaker: 'maxParallelRequests: 1, maxPendingRequests: 1',
    requests: ['at once', 'maxParallelRequests', 'maxParallelRequests'],
  },
  {
    name: 'one connection, one place in the queue',
    circuitBreaker: 'maxConnections: 1, maxPendingRequests: 1',
    requests: ['at once', 'queued', 'maxPendingRequests'],
  },
  {
    name: 'two connections, two places, three at once: those that wait do not count',
    circuitBreaker: 'maxConnections: 2, maxPendingRequests: 2, maxParallelRequests: 3',
    requests: ['at once', 'at once', 'queued', 'queued', 'maxPendingRequests', 'maxPendingRequests'],
  },
  {
    name: 'no place in the queue: with no ready connection a request must pass through it',
    circuitBreaker: 'maxPendingRequests: 0',
    requests: ['maxPendingRequests', 'maxPendingRequests'],
  },
  {
    // Envoy serves these, one at a time in each worker: its limit does not hold there. Ours does, and nobody waits in vain.
    name: 'no connection at all',
    circuitBreaker: 'maxConnections: 0',
    requests: ['maxConnections', 'maxConnections'],
  },
  {
    name: 'no connection to any endpoint',
    circuitBreaker: 'perEndpoint: { maxConnections: 0 }',
    requests: ['maxConnections', 'maxConnections'],
  },
  {
    name: 'one connection, no place in the queue',
    circuitBreaker: 'maxConnections: 1, maxPendingRequests: 0',
    requests: ['maxPendingRequests', 'maxPendingRequests', 'maxPendingRequests'],
  },
  {
    name: 'none at once',
    circuitBreaker: 'maxParallelRequests: 0',
    requests: ['maxParallelRequests', 'maxParallelRequests'],
  },
  {
    name: 'all three 0',
    circuitBreaker: 'maxConnections: 0, maxPendingRequests: 0, maxParallelRequests: 0',
    requests: ['maxPendingRequests', 'maxPendingRequests'],
  },
  {
    name: 'one connection an endpoint',
    circuitBreaker: 'perEndpoint: { maxConnections: 1 }, maxPendingRequests: 2',
    requests: ['at once', 'queued', 'queued', 'maxPendingRequests'],
  },
];

function isOverflow(response: Response, limit: string): void {
  assert.equal(response.status, 503);
  assert.equal(response.body, OVERFLOW);
  assert.equal(field(response, 'content-length'), '81');
  assert.equal(field(response, 'content-type'), 'text/plain');
  assert.equal(field(response, 'x-envoy-overloaded'), 'true');
  assert.match(field(response, 'x-breakwater-reason') ?? '', new RegExp(`^limit=${limit}; `));
  assert.equal(field(response, 'connection'), undefined);
}

async function waitFor({ snapshot }: Scene, what: 'active' | 'pending', count: number): Promise<void> {
  await eventually(1000, `${count} ${what}`, async () =>
    (await snapshot()).limits.some(scope => scope[what] === count),
  );
}

for (const { name, circuitBreaker, requests } of ROWS) {
  test(`${name} (${circuitBreaker})`, () => {
    const held = new Held();
    return gateway.serve(
      held.script,
      async scene => {
        const { connect, upstream } = scene;
        const answers: Promise<Response>[] = [];
        let [active, pending] = [0, 0];
        for (const outcome of requests) {
          const client = await connect();
          client.write(GET);
          if (outcome === 'at once') {
            await upstream.request(active++);
            answers.push(readResponse(client));
          } else if (outcome === 'queued') {
            await waitFor(scene, 'pending', ++pending);
            answers.push(readResponse(client));
          } else isOverflow(await readResponse(client), outcome);
        }
        for (let i = 0; i < active + pending; i++) await held.answer(await upstream.request(i));
        const bodies = (await Promise.all(answers)).map(({ body }) => body);
        assert.deepEqual(
          bodies.sort(),
          bodies.map((_, i) => `served ${i}`),
        );
        assert.ok(upstream.peak <= Math.max(active, 1));
      },
      plainRoute({ policy: `circuitBreaker: { ${circuitBreaker} }` }),
    );
  });
}

test('after an overflow the client goes on, on the same connection', () => {
  const held = new Held();
  return gateway.serve(
    held.script,
    async ({ connect, upstream }) => {
      const [one, two] = [await connect(), await connect()];
      one.write(GET);
      const first = await upstream.request(0);
      two.write(GET);
      isOverflow(await readResponse(two), 'maxParallelRequests');
      await held.answer(first);
      assert.equal((await readResponse(one)).body, 'served 0');
      two.write(GET);
      await held.answer(await upstream.request(1));
      assert.equal((await readResponse(two)).body, 'served 1');
    },
    plainRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
  );
});

test('a pool is limited alike, before the body has come', () => {
  const held = new Held();
  return gateway.serve(
    held.script,
    async ({ connect, upstream }) => {
      const [one, two] = [await connect(), await connect()];
      one.write(GET);
      const first = await upstream.request(0);
      two.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n');
      isOverflow(await readResponse(two), 'maxParallelRequests');
      await held.answer(first);
      assert.equal((await readResponse(one)).status, 200);
    },
    poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
  );
});

test("no retries: the backend's own 503 passes, without x-envoy-overloaded", () =>
  gateway.serve(
    ({ wire }) => void wire.write('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 7\r\n\r\nmy own!'),
    async ({ send, upstream, snapshot }) => {
      const response = await send(GET);
      assert.equal(response.status, 503);
      assert.equal(response.body, 'my own!');
      assert.equal(field(response, 'x-envoy-overloaded'), undefined);
      assert.equal(upstream.requests.length, 1);
      const [scope] = (await snapshot()).limits;
      assert.equal(scope?.overflow['maxParallelRetries'], 1);
    },
    plainRoute({
      policy:
        'circuitBreaker: { maxParallelRetries: 0 }\nretry: { numRetries: 2, retryOn: { httpStatusCodes: [503] } }',
    }),
  ));

test('maxRequestsPerConnection closes a connection after so many', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('ok')),
    async ({ connect, upstream }) => {
      const client = await connect();
      for (let i = 0; i < 6; i++) {
        client.write(GET);
        await readResponse(client);
      }
      assert.equal(upstream.connections, 3);
    },
    plainRoute({ policy: 'circuitBreaker: { maxRequestsPerConnection: 2 }' }),
  ));

/** Takes a moment. */
const soon: Script = async ({ wire }) => {
  await peerTakes(2);
  wire.write(answer('ok'));
};

/** Forty clients at once, five requests each; `look` is called after each answer. */
async function crowd({ connect }: Scene, look: () => void): Promise<void> {
  await Promise.all(
    Array.from({ length: 40 }, async () => {
      const client = await connect();
      for (let i = 0; i < 5; i++) {
        client.write(GET);
        assert.equal((await readResponse(client)).body, 'ok');
        look();
      }
    }),
  );
}

test('one connection an endpoint, two endpoints: two at once', () =>
  gateway.serveMany(
    [soon, soon],
    async scene => {
      const { upstreams } = scene;
      await crowd(scene, () => {
        for (const { open } of upstreams) assert.ok(open.size <= 1);
      });
      assert.deepEqual(
        upstreams.map(({ peak }) => peak),
        [1, 1],
      );
    },
    plainRoute({ policy: 'circuitBreaker: { perEndpoint: { maxConnections: 1 } }' }),
  ));

test('a connection limit of 2 is held by two workers together, whoever has the requests', () =>
  gateway.serve(
    soon,
    async scene => {
      await crowd(scene, () => assert.ok(scene.upstream.open.size <= 2));
      assert.equal(scene.upstream.peak, 2);
    },
    plainRoute({ policy: 'circuitBreaker: { maxConnections: 2 }' }),
  ));
