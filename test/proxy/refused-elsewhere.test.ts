import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerTakes } from '../support/peer-takes.ts';
import { useGateway } from './support/gateway.ts';
import { plainRoute } from './support/manifests.ts';
import { readResponse } from './support/message.ts';
import { answer, echo, type Script } from './support/upstream.ts';

const gateway = useGateway();
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const post = (body: string) => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

for (const [name, request] of [
  ['a GET', GET],
  ['a POST with a body that is passed on as it comes', post('hello')],
  [
    'a chunked POST',
    'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ],
] as const) {
  test(`${name} that one endpoint refuses is served by another, without a policy`, () =>
    gateway.serveMany([echo, echo, echo], async ({ send, upstreams }) => {
      await upstreams[0]?.close();
      await upstreams[2]?.close();
      for (let i = 0; i < 12; i++) assert.equal((await send(request)).status, 200);
    }));
}

test('a body that is still coming when its connection is refused arrives whole elsewhere', () =>
  gateway.serveMany([echo, echo], async ({ connect, upstreams }) => {
    await upstreams[0]?.close();
    for (let i = 0; i < 8; i++) {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n01234');
      await new Promise(resolve => setImmediate(resolve));
      client.write('56789');
      assert.equal((await readResponse(client)).body, '0123456789');
    }
  }));

test('a retry budget of none holds for refused connections too', () =>
  gateway.serveMany(
    [echo, echo],
    async ({ send, upstreams }) => {
      await upstreams[0]?.close();
      const seen = new Set<number>();
      for (let i = 0; i < 20; i++) seen.add((await send(GET)).status);
      assert.ok(seen.has(503));
    },
    plainRoute({ policy: 'circuitBreaker: { maxParallelRetries: 0 }' }),
  ));

/** Answers the first request of each connection, and closes it when the second has come. */
const givesUp: Script = async request => {
  const { wire } = request;
  await request.body();
  if (used.has(wire)) wire.socket.destroy();
  else {
    used.add(wire);
    wire.write(answer('ok'));
  }
};
const used = new WeakSet<object>();

test('a GET on a kept connection that its server gives up is sent again on a fresh one', () =>
  gateway.serve(givesUp, async ({ send, upstream }) => {
    for (let i = 0; i < 6; i++) assert.equal((await send(GET)).status, 200);
    assert.equal(upstream.connections, 6);
  }));

test('a POST on a kept connection that its server gives up may have been served: it is not sent twice', () =>
  gateway.serve(givesUp, async ({ send, upstream }) => {
    assert.equal((await send(post('hello'))).status, 200);
    const response = await send(post('hello'));
    assert.equal(response.status, 503);
    assert.match(response.body, /reset reason: connection termination$/);
    assert.equal(upstream.requests.length, 2);
  }));

test('a connection is not used any more when its server is about to close it', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('ok', 'keep-alive: timeout=0')),
    async ({ send, upstream }) => {
      for (let i = 0; i < 3; i++) assert.equal((await send(post('hello'))).status, 200);
      assert.equal(upstream.connections, 3);
    },
  ));

test('an idle connection is not used any more after the time that a policy gives it', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('ok')),
    async ({ send, upstream }) => {
      for (let i = 0; i < 2; i++) {
        assert.equal((await send(post('hello'))).status, 200);
        await peerTakes(5);
      }
      assert.equal(upstream.connections, 2);
    },
    plainRoute({ policy: 'timeout: { http: { connectionIdleTimeout: 1ms } }' }),
  ));
