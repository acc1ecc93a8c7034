import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { readHead, readResponse } from './support/message.ts';
import { writeUntilStalled } from './support/stall.ts';
import { answer } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway();
const MIB = 1024 * 1024;
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
/** What the kernel's buffers of four sockets may hold, and the plane's. */
const IN_BUFFERS = 32 * MIB;

test('a client that does not read makes the upstream wait, and gets everything later', () => {
  const stalledAt = Promise.withResolvers<number>();
  return gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\n\r\n');
      stalledAt.resolve(await writeUntilStalled(wire, IN_BUFFERS));
      wire.socket.end();
    },
    async ({ connect }) => {
      const client = await connect();
      client.write(GET);
      await readHead(client);
      client.countOnly();
      client.socket.pause();
      const written = await stalledAt.promise;
      client.socket.resume();
      await eventually(5000, 'all of it', () => client.received > written);
    },
  );
});

test('an upstream that does not read makes the client wait', () => {
  const done = Promise.withResolvers<void>();
  return gateway.serve(
    async ({ wire }) => {
      wire.socket.pause();
      await done.promise;
      wire.countOnly();
      wire.socket.resume();
      await wire.untilEnded();
    },
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${1024 * MIB}\r\n\r\n`);
      const { wire } = await upstream.request(0);
      const written = await writeUntilStalled(client, IN_BUFFERS);
      done.resolve();
      await eventually(5000, 'all of it', () => wire.received > written);
    },
  );
});

test('a client that takes no answers is served no more requests, and gets all answers later', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('x'.repeat(64 * 1024))),
    async ({ connect, upstream }) => {
      const client = await connect();
      client.socket.pause();
      const request = Buffer.from(GET.replace('\r\n\r\n', `\r\nx-a: ${'b'.repeat(16 * 1024)}\r\n\r\n`));
      const sent = (await writeUntilStalled(client, IN_BUFFERS, request)) / request.length;
      assert.ok(upstream.requests.length < sent, `all of ${sent} requests were served`);
      client.socket.resume();
      for (let i = 0; i < sent; i++) assert.equal((await readResponse(client)).status, 200);
    },
  ));

/** Highest growth of this process's memory while something runs; plane, client and upstream are all in it. */
async function growth(run: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 10);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}

const LARGE = 300 * MIB;
const PIECE = Buffer.alloc(256 * 1024);

test('300 MB go up without being held', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.countOnly();
      await eventually(30_000, 'the body', () => wire.received > LARGE);
      wire.write(answer('ok'));
    },
    async ({ connect }) => {
      const client = await connect();
      const grown = await growth(async () => {
        client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${LARGE}\r\n\r\n`);
        for (let i = 0; i < LARGE / PIECE.length; i++) await client.writeAll(PIECE);
        assert.equal((await readResponse(client)).body, 'ok');
      });
      assert.ok(grown < LARGE / 2, `grew by ${grown} bytes`);
    },
  ));

test('300 MB come down without being held', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(`HTTP/1.1 200 OK\r\ncontent-length: ${LARGE}\r\n\r\n`);
      for (let i = 0; i < LARGE / PIECE.length; i++) await wire.writeAll(PIECE);
    },
    async ({ connect }) => {
      const client = await connect();
      const grown = await growth(async () => {
        client.countOnly();
        client.write(GET);
        await eventually(30_000, 'the body', () => client.received > LARGE);
      });
      assert.ok(grown < LARGE / 2, `grew by ${grown} bytes`);
    },
  ));
