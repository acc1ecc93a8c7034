import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerUnaryCall } from '@grpc/grpc-js';
import { until } from '../../../test/support/until.ts';
import { askOnce } from './ask-once.ts';
import type { CallEvents, GrpcClientCall } from './client-call.ts';
import { GrpcConnection } from './grpc-client-connection.ts';
import { frameMessages } from './grpc-messages.ts';
import {
  DEADLINE_EXCEEDED,
  type GrpcStatus,
  INTERNAL,
  RESOURCE_EXHAUSTED,
  UNAVAILABLE,
  UNIMPLEMENTED,
} from './grpc-status.ts';
import { serverFor } from './scene-for-test.ts';

/** Who calls, and what it was told. */
class Caller implements CallEvents {
  readonly messages: string[] = [];
  readonly faults: unknown[] = [];
  status: GrpcStatus | undefined;
  message(bytes: Buffer): void {
    this.messages.push(bytes.toString());
  }
  closed(status: GrpcStatus): void {
    assert.equal(this.status, undefined, 'a call is closed once');
    this.status = status;
  }
  fault(thrown: unknown): void {
    this.faults.push(thrown);
  }
}

function connectionTo(t: TestContext, port: number) {
  const lost: string[] = [];
  const connection = new GrpcConnection(
    { address: '127.0.0.1', port, tls: undefined },
    { lost: reason => lost.push(reason), fault: assert.fail },
  );
  t.after(() => connection.close());
  return { connection, lost };
}

const OPTIONS = { path: '/test.T/Call', maxMessageBytes: 1000 };

const same = (bytes: Buffer) => bytes;
const METHODS = {
  unary: {
    path: '/test.T/Unary',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
  call: {
    path: '/test.T/Call',
    requestStream: true,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
} as const;

/** A server that we did not write. */
async function grpcJs(t: TestContext): Promise<{ readonly server: Server; readonly port: number }> {
  const server = new Server();
  server.addService(METHODS, {
    unary: (
      { request, metadata }: ServerUnaryCall<Buffer, Buffer>,
      answer: (error: object | null, bytes?: Buffer) => void,
    ) => {
      const text = request.toString();
      if (text === 'fail') answer({ code: RESOURCE_EXHAUSTED, details: 'größer als 100 %' });
      else if (text !== 'wait') answer(null, Buffer.from(`${text} ${metadata.get('x-who')[0] ?? ''}`));
    },
    call: (stream: ServerDuplexStream<Buffer, Buffer>) => {
      stream.on('data', (bytes: Buffer) => stream.write(bytes));
      stream.on('end', () => stream.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  t.after(() => server.forceShutdown());
  return { server, port };
}

/** A server that answers as it likes. */
async function bare(
  t: TestContext,
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<{ readonly server: Http2Server; readonly port: number }> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answer(stream, headers);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

test('a server of grpc-js is asked once: its answer, its status with its message, its silence, nobody', async t => {
  const { server, port } = await grpcJs(t);
  const at = { address: '127.0.0.1', port, tls: undefined };
  const ask = (text: string, more: object = {}) =>
    askOnce(at, Buffer.from(text), {
      path: '/test.T/Unary',
      maxMessageBytes: 1000,
      timeoutMs: 20_000,
      ...more,
    });
  assert.deepEqual(await ask('a', { metadata: { 'x-who': 'me' } }), { message: Buffer.from('a me') });
  assert.deepEqual(await ask('fail'), { failed: { code: RESOURCE_EXHAUSTED, message: 'größer als 100 %' } });
  assert.deepEqual(await ask('wait', { timeoutMs: 50 }), {
    failed: { code: DEADLINE_EXCEEDED, message: 'no answer within 50 ms' },
  });
  const other = await ask('a', { path: '/test.T/None' });
  assert.equal('failed' in other && other.failed.code, UNIMPLEMENTED);
  const large = await ask('x'.repeat(2000));
  assert.equal('failed' in large && large.failed.code, RESOURCE_EXHAUSTED);
  server.forceShutdown();
  const nobody = await ask('a');
  assert.ok('failed' in nobody);
  assert.equal(nobody.failed.code, UNAVAILABLE);
  assert.match(nobody.failed.message, /ECONNREFUSED/);
});

test('messages go both ways over one connection to grpc-js; when it ends, calls do, and it is connected to anew', async t => {
  const { server, port } = await grpcJs(t);
  const { connection, lost } = connectionTo(t, port);
  const callers = [new Caller(), new Caller()];
  const calls = callers.map(caller => connection.call(OPTIONS, caller) as GrpcClientCall);
  for (const text of ['a', '', 'b'.repeat(1000)]) for (const call of calls) call.send([Buffer.from(text)]);
  await until('all is sent back', () => callers.every(({ messages }) => messages.length === 3));
  assert.deepEqual(callers[0]?.messages, ['a', '', 'b'.repeat(1000)]);
  calls[0]?.halfClose();
  await until('the first has ended', () => callers[0]?.status !== undefined);
  assert.deepEqual(callers[0]?.status, { code: 0, message: 'OK' });
  server.forceShutdown();
  await until('the second is broken off', () => callers[1]?.status !== undefined);
  assert.notEqual(callers[1]?.status?.code, 0);
  await until('it is told', () => lost.length > 0);
  const again = await serverFor(
    {
      '/test.T/Call': call => ({
        message: bytes => void call.send([bytes]),
        halfClosed: () => call.end(),
        closed: () => {},
      }),
    },
    { listen: { address: '127.0.0.1', port } },
  );
  t.after(() => again.server.close());
  await until('it is there again', () => connection.isOpen);
  const third = new Caller();
  connection.call(OPTIONS, third)?.send([Buffer.from('c')]);
  await until('it answers', () => third.messages.length === 1);
});

const OK_HEAD = { ':status': 200, 'content-type': 'application/grpc' };

/** What a call ends with where the server answers so. */
async function endOf(t: TestContext, answer: (stream: ServerHttp2Stream) => void): Promise<GrpcStatus> {
  const { port } = await bare(t, answer);
  const { connection } = connectionTo(t, port);
  const caller = new Caller();
  connection.call(OPTIONS, caller)?.send([Buffer.from('a')]);
  await until('it ends', () => caller.status !== undefined);
  assert.deepEqual(caller.faults, []);
  return caller.status as GrpcStatus;
}

/** An answer with these bytes, and a status that says that all is well. */
const withBytes = (bytes: number[]) => (stream: ServerHttp2Stream) => {
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.respond(OK_HEAD, { waitForTrailers: true });
  stream.end(Buffer.from(bytes));
};

test('answers that are none of gRPC end the call with what they are', async t => {
  const head = (fields: Record<string, string | number>) => (stream: ServerHttp2Stream) =>
    stream.respond(fields, { endStream: true });
  assert.deepEqual(await endOf(t, head({ ':status': 503 })), {
    code: UNAVAILABLE,
    message: 'HTTP status 503',
  });
  assert.deepEqual(await endOf(t, head({ ':status': 404 })), {
    code: UNIMPLEMENTED,
    message: 'HTTP status 404',
  });
  assert.equal((await endOf(t, head({ ...OK_HEAD, 'grpc-status': 'fine' }))).code, 2);
  assert.equal((await endOf(t, head(OK_HEAD))).code, UNAVAILABLE);
  assert.equal((await endOf(t, stream => stream.close(2))).code, UNAVAILABLE);
  assert.equal((await endOf(t, withBytes([0, 0xff, 0xff, 0xff, 0xff]))).code, RESOURCE_EXHAUSTED);
  assert.equal((await endOf(t, withBytes([1, 0, 0, 0, 0]))).code, UNIMPLEMENTED);
  assert.equal((await endOf(t, withBytes([0, 0, 0, 0, 9, 1]))).code, INTERNAL);
});

test('GOAWAY in the middle of a call: the call goes on, and the next one has another connection', async t => {
  const streams: ServerHttp2Stream[] = [];
  const { port } = await bare(t, stream => {
    streams.push(stream);
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond(OK_HEAD, { waitForTrailers: true });
    stream.write(frameMessages([Buffer.from('one')]));
  });
  const { connection, lost } = connectionTo(t, port);
  const [first, second] = [new Caller(), new Caller()];
  connection.call(OPTIONS, first)?.send([Buffer.from('a')]);
  await until('the first is answered', () => first.messages.length === 1);
  streams[0]?.session?.close();
  await until('it is told', () => lost.length === 1);
  assert.deepEqual(lost, ['it takes no more calls (GOAWAY)']);
  await until('there is another', () => connection.isOpen);
  connection.call(OPTIONS, second)?.send([Buffer.from('a')]);
  await until('the second is answered', () => second.messages.length === 1);
  assert.equal(first.status?.code, undefined);
  streams[0]?.end(frameMessages([Buffer.from('two')]));
  await until('the first has ended', () => first.status !== undefined);
  assert.deepEqual([first.messages, first.status?.code], [['one', 'two'], 0]);
  assert.notEqual(streams[0]?.session, streams[1]?.session);
  streams[1]?.end();
});

test('what the caller throws is told to it, and nothing else ends', async t => {
  const { port } = await grpcJs(t);
  const { connection } = connectionTo(t, port);
  class Throws extends Caller {
    override message(): void {
      throw new Error('of the caller');
    }
  }
  const [bad, good] = [new Throws(), new Caller()];
  for (const caller of [bad, good]) connection.call(OPTIONS, caller)?.send([Buffer.from('a')]);
  await until('it is told', () => bad.faults.length === 1 && good.messages.length === 1);
});
