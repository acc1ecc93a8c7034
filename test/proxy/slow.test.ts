import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerTakes } from '../support/peer-takes.ts';
import { useGateway } from './support/gateway.ts';
import { plainRoute, poolRoute } from './support/manifests.ts';
import { field, readChunk, readHead, readResponse } from './support/message.ts';
import { echo, type Script } from './support/upstream.ts';
import type { Wire } from './support/wire.ts';

const gateway = useGateway({
  bounds: {
    headTimeoutMs: 300,
    bodyIdleTimeoutMs: 300,
    bodyTimeoutMs: 1200,
    minBodyBytesPerMs: 1000,
    streamIdleTimeoutMs: 900,
    flushTimeoutMs: 900,
    idleTimeoutMs: 300,
  },
});
const hang: Script = ({ wire }) => wire.untilEnded(60_000);

/** A byte at a time, far apart, until the other side ends. */
function drip(client: Wire): void {
  const timer = setInterval(() => client.write('a'), 50);
  client.socket.once('close', () => clearInterval(timer));
}

for (const how of ['stops', 'drips'] as const) {
  test(`a head that ${how}: 408`, () =>
    gateway.serve(echo, async ({ connect, upstream }) => {
      const client = await connect();
      client.write('GET / HTTP/1.1\r\nhost: a\r\nx-a: ');
      if (how === 'drips') drip(client);
      const response = await readResponse(client);
      assert.equal(response.status, 408);
      assert.equal(field(response, 'connection'), 'close');
      await client.untilEnded();
      assert.equal(upstream.requests.length, 0);
    }));

  for (const [route, manifests] of [
    ['a plain route', undefined],
    ['a pool', poolRoute()],
  ] as const) {
    for (const framing of ['content-length: 1000\r\n', 'transfer-encoding: chunked\r\n'])
      test(`a body to ${route} that ${how}: 408, ${framing.trim()}`, () =>
        gateway.serve(
          hang,
          async ({ connect, upstream }) => {
            const client = await connect();
            client.write(`POST / HTTP/1.1\r\nhost: a\r\n${framing}\r\n3e8\r\n`);
            if (how === 'drips') drip(client);
            const response = await readResponse(client);
            assert.equal(response.status, 408);
            assert.equal(field(response, 'connection'), 'close');
            await client.untilEnded();
            for (const request of upstream.requests) await request.wire.untilEnded();
          },
          manifests,
        ));
  }

  test(`the rest of a refused body that ${how} is not waited for`, () =>
    gateway.serve(
      echo,
      async ({ connect }) => {
        const client = await connect();
        client.write('POST /none HTTP/1.1\r\nhost: b.example\r\ncontent-length: 1000\r\n\r\n');
        assert.equal((await readResponse(client)).status, 404);
        if (how === 'drips') drip(client);
        await client.untilEnded();
      },
      poolRoute({ hostnames: ['a.example'] }),
    ));
}

test('a body that comes steadily may take its time', () =>
  gateway.serve(echo, async ({ connect }) => {
    const client = await connect();
    const length = 8 * 1024 * 1024;
    client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`);
    // More than bodyTimeoutMs in all.
    const piece = Buffer.alloc(length / 32, 'a');
    for (let i = 0; i < 32; i++) {
      await client.writeAll(piece);
      await peerTakes(50);
    }
    assert.equal((await readResponse(client)).body.length, length);
  }));

test('a connection without a request is closed after a while, without a word', () =>
  gateway.serve(echo, async ({ connect }) => {
    const [fresh, used] = [await connect(), await connect()];
    used.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await readResponse(used);
    assert.equal(await fresh.readToEnd(), '');
    assert.equal(await used.readToEnd(), '');
  }));

test('an upstream that never answers: 504', () =>
  gateway.serve(hang, async ({ send, upstream }) => {
    const response = await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.equal(response.status, 504);
    assert.equal(response.body, 'stream timeout');
    // Our limit, by name: the server may be well.
    assert.equal(field(response, 'x-breakwater-reason'), 'limit=streamIdleTimeout; max-ms=900');
    await upstream.requests[0]?.wire.untilEnded(1000);
  }));

for (const [name, options] of [
  ['a policy', { policy: 'timeout: { http: { streamIdleTimeout: 3600s } }' }],
  ['a policy without limits', { policy: 'timeout: { http: { requestTimeout: 0s } }' }],
  ['a route that waits for an hour', { rule: 'timeouts: { request: 1h }' }],
] as const) {
  test(`a model that thinks for longer than the plane's own limit is waited for, by ${name}`, () =>
    gateway.serve(
      async ({ wire }) => {
        await Promise.race([wire.untilEnded(9000), peerTakes(1800)]);
        wire.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      },
      async ({ send }) => assert.equal((await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')).body, 'ok'),
      plainRoute(options),
    ));
}

test('an event stream that falls silent ends with an error event, and is broken off', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n',
      );
      await wire.untilEnded();
    },
    async ({ connect }) => {
      const client = await connect();
      client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      await readHead(client);
      assert.equal(await readChunk(client), 'data: 1\n\n');
      assert.match(
        await readChunk(client),
        /^event: error\ndata: .*The gateway ended this answer: no byte came for 0\.9 s \(streamIdleTimeout\)\./,
      );
      assert.equal(await client.readToEnd(), '');
    },
  ));

test('a client that takes nothing of a stream for long is left', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\n\r\n');
      const piece = Buffer.alloc(256 * 1024);
      while (!wire.ended) await wire.writeAll(piece);
    },
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      await readHead(client);
      client.socket.pause();
      const { wire } = await upstream.request(0);
      await wire.untilEnded();
    },
  ));
