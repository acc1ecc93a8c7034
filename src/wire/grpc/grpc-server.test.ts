import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { until } from '../../../test/support/until.ts';
import { frameMessages } from './grpc-messages.ts';
import type { GrpcMethods, GrpcServerOptions } from './grpc-server.ts';
import {
  DEADLINE_EXCEEDED,
  INTERNAL,
  RESOURCE_EXHAUSTED,
  UNAVAILABLE,
  UNIMPLEMENTED,
} from './grpc-status.ts';
import { echo, type ServerScene, serverFor } from './scene-for-test.ts';

const same = (bytes: Buffer) => bytes;

async function sceneOf(
  t: TestContext,
  methods: GrpcMethods,
  options: Partial<GrpcServerOptions> = {},
): Promise<ServerScene & { readonly session: ClientHttp2Session; readonly client: Client }> {
  const scene = await serverFor(methods, options);
  const session = connectHttp2(`http://127.0.0.1:${scene.server.port}`);
  session.on('error', () => {});
  // grpc-js is a client that we did not write.
  const client = new Client(`127.0.0.1:${scene.server.port}`, credentials.createInsecure());
  t.after(async () => {
    client.close();
    session.destroy();
    await scene.server.close();
  });
  return { ...scene, session, client };
}

/** A stream as no library would open it. */
function open(session: ClientHttp2Session, more: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/test.T/Call',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  });
  return stream.on('error', () => {});
}

/** How it ended: of an answer without a body, the head is the trailers. */
async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  let status: unknown;
  const note = (headers: Record<string, unknown>) => {
    status = headers['grpc-status'] ?? status;
  };
  stream.on('response', note).on('trailers', note).resume();
  // Node's client does not end its half by itself.
  stream.on('end', () => stream.end());
  await once(stream, 'close');
  return Number(status);
}

test('grpc-js calls a unary method and a stream of both sides, and hears why a call failed', async t => {
  const { client, server, buffers } = await sceneOf(t, {
    '/test.T/Echo': echo,
    '/test.T/Fail': call => ({
      message: () => call.end({ code: RESOURCE_EXHAUSTED, message: 'größer als 100 %\n' }),
      halfClosed: () => {},
      closed: () => {},
    }),
  });
  const unary = (path: string, bytes: Buffer) =>
    new Promise<Buffer | ServiceError>(resolve =>
      client.makeUnaryRequest(path, same, same, bytes, (error, answer) =>
        resolve(error ?? (answer as Buffer)),
      ),
    );
  const large = Buffer.alloc(1024 * 1024, 'x');
  assert.deepEqual(await unary('/test.T/Echo', large), large);
  assert.deepEqual(await unary('/test.T/Echo', Buffer.alloc(0)), Buffer.alloc(0));
  const failed = (await unary('/test.T/Fail', Buffer.alloc(1))) as ServiceError;
  assert.deepEqual([failed.code, failed.details], [RESOURCE_EXHAUSTED, 'größer als 100 %\n']);
  assert.equal(((await unary('/test.T/None', Buffer.alloc(1))) as ServiceError).code, UNIMPLEMENTED);
  const stream = client.makeBidiStreamRequest('/test.T/Echo', same, same);
  for (const text of ['a', 'b', 'c']) {
    stream.write(Buffer.from(text));
    assert.deepEqual(await once(stream, 'data'), [Buffer.from(text)]);
  }
  stream.end();
  const [{ code }] = (await once(stream, 'status')) as [{ code: number }];
  assert.equal(code, 0);
  await until('all is given back', () => server.calls === 0);
  assert.equal(buffers.heldBytes, 0);
});

test('messages that cannot be borne end their call with a status, and nothing is held', async t => {
  const { session, server, buffers, badInput } = await sceneOf(t, { '/test.T/Call': echo });
  const sent = async (bytes: readonly Buffer[]) => {
    const stream = open(session);
    for (const piece of bytes) stream.write(piece);
    stream.end();
    return await statusOf(stream);
  };
  assert.equal(await sent([Buffer.from([0, 0xff, 0xff, 0xff, 0xff])]), RESOURCE_EXHAUSTED);
  assert.equal(await sent([Buffer.from([1, 0, 0, 0, 1, 0])]), UNIMPLEMENTED);
  assert.equal(await sent([Buffer.from([0, 0, 0, 0, 9, 1])]), INTERNAL);
  assert.equal(await sent([Buffer.from([0, 0])]), INTERNAL);
  // Frames without a byte are nothing.
  assert.equal(await sent([Buffer.alloc(0), frameMessages([Buffer.from('a')]), Buffer.alloc(0)]), 0);
  assert.equal(await sent([]), 0);
  assert.equal(badInput.length, 4);
  await until('all is given back', () => server.calls === 0);
  assert.equal(buffers.heldBytes, 0);
});

test('a call that is reset, or whose connection is lost, in the middle of a message gives back what it held', async t => {
  let closed = 0;
  const { session, server, buffers } = await sceneOf(t, {
    '/test.T/Call': () => ({
      message: () => assert.fail(),
      halfClosed: () => assert.fail(),
      closed: () => closed++,
    }),
  });
  const half = Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), Buffer.alloc(10_000)]);
  const streams = Array.from({ length: 10 }, () => open(session));
  for (const stream of streams) stream.write(half);
  await until('halves are held', () => buffers.heldBytes > 90_000);
  for (const stream of streams.slice(0, 5)) stream.close(8);
  await until('five are reset', () => closed === 5);
  session.destroy();
  await until('all are gone', () => server.calls === 0);
  assert.equal(closed, 10);
  assert.equal(buffers.heldBytes, 0);
});

test('a call ends at its grpc-timeout; what is no time is refused', async t => {
  let closed = 0;
  const { session } = await sceneOf(t, {
    '/test.T/Call': () => ({ message: () => {}, halfClosed: () => {}, closed: () => closed++ }),
  });
  assert.equal(await statusOf(open(session, { 'grpc-timeout': '20m' })), DEADLINE_EXCEEDED);
  assert.equal(await statusOf(open(session, { 'grpc-timeout': '1 hour' })), INTERNAL);
  assert.equal(closed, 2);
});

test('what a service throws costs its call alone, and is told', async t => {
  const { session, faults, server } = await sceneOf(t, {
    '/test.T/Call': () => ({
      message: () => {
        throw new Error('of ours');
      },
      halfClosed: () => {},
      closed: () => {
        throw new Error('and again');
      },
    }),
    '/test.T/Begin': () => {
      throw new Error('at the begin');
    },
    '/test.T/Echo': echo,
  });
  const good = open(session, { ':path': '/test.T/Echo' });
  for (const path of ['/test.T/Call', '/test.T/Begin']) {
    const stream = open(session, { ':path': path });
    stream.end(frameMessages([Buffer.from('a')]));
    assert.equal(await statusOf(stream), INTERNAL);
  }
  assert.match(faults.join('\n'), /of ours[\s\S]*and again[\s\S]*at the begin/);
  good.end(frameMessages([Buffer.from('a')]));
  assert.equal(await statusOf(good), 0);
  await until('all is given back', () => server.calls === 0);
});

test('a client that does not read is not read from, and its service hears when it does', async t => {
  const said: string[] = [];
  const { session } = await sceneOf(t, {
    '/test.T/Call': call => ({
      message: () => {
        said.push(String(call.send([Buffer.alloc(3 * 1024 * 1024)])));
      },
      halfClosed: () => call.end(),
      drained: () => {
        said.push('drained');
        call.end();
      },
      closed: () => {},
    }),
  });
  const stream = open(session);
  stream.write(frameMessages([Buffer.from('a')]));
  await until('more is sent than is read', () => said.length > 0);
  assert.deepEqual(said, ['false']);
  assert.equal(await statusOf(stream), 0);
  assert.deepEqual(said, ['false', 'drained']);
});

test('GOAWAY: a call that is open goes on to its end, and nobody connects any more', async t => {
  const { session, server } = await sceneOf(t, { '/test.T/Call': echo });
  const stream = open(session);
  stream.write(frameMessages([Buffer.from('a')]));
  await once(stream, 'data');
  const drained = server.drain();
  await once(session, 'goaway');
  const [refused] = await once(connect(server.port, '127.0.0.1'), 'error');
  assert.equal(refused.code, 'ECONNREFUSED');
  stream.write(frameMessages([Buffer.from('b')]));
  const [answer] = await once(stream, 'data');
  assert.deepEqual(answer, frameMessages([Buffer.from('b')]));
  stream.end();
  assert.equal(await statusOf(stream), 0);
  await drained;
  await until('there is no connection', () => server.connections === 0);
});

test('a connection that says nothing, speaks something else or makes no call is closed and told', async t => {
  const { server, badInput } = await sceneOf(
    t,
    { '/test.T/Call': echo },
    { handshakeTimeoutMs: 50, firstCallMs: 50 },
  );
  const silent = connect(server.port, '127.0.0.1').on('error', () => {});
  await once(silent.resume(), 'close');
  const http1 = connect(server.port, '127.0.0.1').on('error', () => {});
  http1.end('GET / HTTP/1.1\r\n\r\n');
  await once(http1.resume(), 'close');
  const idle = connectHttp2(`http://127.0.0.1:${server.port}`).on('error', () => {});
  await once(idle, 'close');
  await until('all are told', () => badInput.includes('no gRPC call within 50 ms'));
  assert.ok(badInput.includes('no HTTP/2 within 50 ms'), `${badInput}`);
  assert.ok(badInput.includes('Received bad client magic byte string'), `${badInput}`);
});

test('the end of the server breaks off what is open', async t => {
  let closed = 0;
  const { client, server } = await sceneOf(t, {
    '/test.T/Call': call => ({ ...echo(call), closed: () => closed++ }),
  });
  const stream = client.makeBidiStreamRequest('/test.T/Call', same, same);
  const failed = once(stream, 'error') as Promise<[ServiceError]>;
  stream.write(Buffer.from('a'));
  await once(stream, 'data');
  await server.close();
  const [{ code }] = await failed;
  assert.ok(code === UNAVAILABLE || code === 1, `${code}`);
  assert.equal(closed, 1);
  assert.equal(server.calls, 0);
});
