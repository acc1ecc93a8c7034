import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Scene, useGateway } from './support/gateway.ts';
import { plainRoute, poolRoute } from './support/manifests.ts';
import { readHead, readResponse } from './support/message.ts';
import { writeUntilStalled } from './support/stall.ts';
import { answer, type Received, type Script } from './support/upstream.ts';
import type { Wire } from './support/wire.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway({ workers: 2 });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

const LEAVES: readonly (readonly [how: string, leave: (client: Wire) => void])[] = [
  ['closes', client => client.destroy()],
  ['ends its side', client => client.socket.end()],
  ['resets', client => client.reset()],
];

/** Answers nothing. */
const hang: Script = ({ wire }) => wire.untilEnded(60_000);

async function freed({ snapshot }: Scene, { wire }: Received): Promise<void> {
  await wire.untilEnded(1000);
  await eventually(1000, 'zero', async () =>
    (await snapshot()).limits.every(({ active, pending }) => active + pending === 0),
  );
}

for (const [how, leave] of LEAVES) {
  test(`a client that ${how} before the answer: the upstream is freed`, () =>
    gateway.serve(hang, async scene => {
      const client = await scene.connect();
      client.write(GET);
      const request = await scene.upstream.request(0);
      leave(client);
      await freed(scene, request);
    }));

  for (const following of [80 * 1024, 200 * 1024, 1024 * 1024])
    test(`a client that ${how} while ${following / 1024} KB of its next requests wait: the upstream is freed`, () =>
      gateway.serve(hang, async scene => {
        const client = await scene.connect();
        client.write(GET.repeat(1 + following / GET.length));
        const request = await scene.upstream.request(0);
        // A server that answers nothing has it until its client leaves, and gets nothing of what waits.
        assert.equal((await scene.snapshot()).limits[0]?.active, 1);
        leave(client);
        await freed(scene, request);
        assert.equal(scene.upstream.requests.length, 1);
      }));

  test(`a client that ${how} in mid-stream: the upstream is freed`, () =>
    gateway.serve(
      async ({ wire }) => {
        wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
        await wire.untilEnded();
      },
      async scene => {
        const client = await scene.connect();
        client.write(GET);
        await readHead(client);
        leave(client);
        await freed(scene, await scene.upstream.request(0));
      },
    ));

  test(`a client that ${how} during its upload: the upstream is freed`, () =>
    gateway.serve(hang, async scene => {
      const client = await scene.connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n01234');
      const request = await scene.upstream.request(0);
      await request.wire.readUntil('01234');
      leave(client);
      await freed(scene, request);
    }));

  test(`a client that ${how} during its upload to a pool: no endpoint hears of it`, () =>
    gateway.serve(
      ({ wire }) => void wire.write(answer('ok')),
      async ({ connect, send, upstream }) => {
        const client = await connect();
        client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 30\r\n\r\n{"model":');
        // The plane has read it: a request that came later on this worker's port was served.
        for (let i = 0; i < 4; i++) await send(GET);
        leave(client);
        await send(GET);
        assert.equal(upstream.requests.length, 5);
      },
      poolRoute(),
    ));

  test(`a client that ${how} in the queue: its place is free, and the upstream does not hear of it`, () =>
    gateway.serve(
      async request => {
        if (request.index === 0) await request.wire.readUntil('end');
        request.wire.write(answer(request.head.line));
      },
      async ({ connect, upstream, snapshot }) => {
        const first = await connect();
        first.write('POST /first HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n');
        await upstream.request(0);
        const waits = async (count: number) =>
          eventually(1000, `${count} pending`, async () => (await snapshot()).limits[0]?.pending === count);
        const second = await connect();
        second.write('GET /second HTTP/1.1\r\nhost: a\r\n\r\n');
        await waits(1);
        leave(second);
        await waits(0);
        const third = await connect();
        third.write('GET /third HTTP/1.1\r\nhost: a\r\n\r\n');
        await waits(1);
        first.write('end');
        assert.equal((await readResponse(third)).body, 'GET /third HTTP/1.1');
        assert.equal(upstream.requests.length, 2);
      },
      plainRoute({ policy: 'circuitBreaker: { maxConnections: 1, maxPendingRequests: 1 }' }),
    ));
}

test('a client that resets while the upstream takes nothing of its body frees the upstream', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.socket.pause();
      await wire.untilEnded(60_000);
    },
    async ({ connect, upstream, snapshot }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${2 ** 30}\r\n\r\n`);
      await upstream.request(0);
      await writeUntilStalled(client, 2 ** 25);
      client.reset();
      // The next look at it, and the time that a server has to see that nobody waits.
      await eventually(1500, 'zero', async () => (await snapshot()).limits[0]?.active === 0);
    },
  ));

test('a client that leaves while it reads nothing frees the upstream', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\n\r\n');
      const piece = Buffer.alloc(256 * 1024);
      while (!wire.ended) await wire.writeAll(piece);
    },
    async scene => {
      const client = await scene.connect();
      client.write(GET);
      await readHead(client);
      client.socket.pause();
      const request = await scene.upstream.request(0);
      await eventually(5000, 'back-pressure', () => request.wire.socket.writableNeedDrain);
      client.destroy();
      await freed(scene, request);
    },
  ));

test('a client that leaves during a back-off between two tries is not tried for again', () =>
  gateway.serve(
    ({ wire }) => void wire.write('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n'),
    async ({ connect, upstream, snapshot }) => {
      const client = await connect();
      client.write(GET);
      await upstream.request(0);
      await eventually(1000, 'the back-off', async () => (await snapshot()).limits[0]?.retries === 1);
      client.destroy();
      await eventually(1000, 'zero', async () => (await snapshot()).limits[0]?.retries === 0);
      assert.ok(upstream.requests.length <= 2);
    },
    plainRoute({
      policy:
        'retry: { numRetries: 5, retryOn: { httpStatusCodes: [503] }, perRetry: { backOff: { baseInterval: 20s, maxInterval: 20s } } }',
    }),
  ));

test('200 clients that leave at random points leave nothing behind', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      for (let i = 0; i < 5 && !wire.ended; i++) {
        wire.write('1\r\na\r\n');
        await new Promise(resolve => setImmediate(resolve));
      }
      wire.write('0\r\n\r\n');
    },
    async ({ connect }) => {
      const request = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n';
      await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const client = await connect();
          client.write(request.slice(0, 20 + (i % (request.length - 20))));
          for (let turns = i % 7; turns > 0; turns--) await new Promise(resolve => setImmediate(resolve));
          if (i % 2 === 0) client.destroy();
          else client.reset();
        }),
      );
    },
    plainRoute({ policy: 'circuitBreaker: { maxConnections: 3, maxParallelRequests: 20 }' }),
  ));
