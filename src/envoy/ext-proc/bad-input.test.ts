import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { ExternalProcessor } from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import {
  answerOf,
  bench,
  clientOf,
  closeAll,
  garbage,
  headers,
  inUse,
  PICK_REQUEST,
  PROCESS_CALL,
  PROCESS_PATH,
  plain,
  processOn,
} from './bench-for-test.ts';
import { NO_BODY_SCORERS } from './picker-state-for-test.ts';

after(closeAll);

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

test('garbage: a line with the address of who sent it, a count, and others are served', async () => {
  const { state, server, events } = await bench({}, { handshakeTimeoutMs: 300 });
  const client = clientOf(ExternalProcessor, server.port, plain);
  const good = processOn(client);
  good.write(headers(true));
  await answerOf(good);
  const told = async (what: RegExp, step: () => unknown) => {
    const from = events.length;
    await step();
    await until(`${what} in ${events.slice(from)}`, () => events.slice(from).some(event => what.test(event)));
  };
  await told(/^ext_proc client 127\.0\.0\.1:\d+: /, () => garbage(server.port, 'GET / HTTP/1.1\r\n\r\n'));
  await told(/^ext_proc client 127\.0\.0\.1:\d+: /, () =>
    garbage(server.port, `${PREFACE}\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff`),
  );
  await told(/no HTTP\/2 within 300 ms/, () => garbage(server.port, ''));
  const raw = (path: string, type: string, bytes: number[]) => async () => {
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': type });
    stream.on('error', () => {});
    stream.end(Buffer.from(bytes));
    stream.resume();
    await once(stream, 'close');
    session.destroy();
  };
  await told(/is no gRPC call/, raw(PROCESS_PATH, 'text/plain', []));
  await told(/\/a\.B\/c is no method/, raw('/a.B/c', 'application/grpc', []));
  await told(/no ProcessingRequest/, raw(PROCESS_PATH, 'application/grpc', [0, 0, 0, 0, 2, 0xff, 0xff]));
  await told(/compressed/, raw(PROCESS_PATH, 'application/grpc', [1, 0, 0, 0, 2, 0xff, 0xff]));
  await told(/a message has \d+ bytes/, raw(PROCESS_PATH, 'application/grpc', [0, 0xff, 0, 0, 0]));
  await told(/in the middle of a message/, raw(PROCESS_PATH, 'application/grpc', [0, 0, 0, 0, 9, 1]));
  const unknown = processOn(client, 'httproute/default/gone/rule/0');
  await told(
    /the cluster httproute\/default\/gone\/rule\/0 is not known here/,
    () => new Promise(resolve => unknown.on('status', resolve)),
  );
  const text = await state.metricsText(registry => server.addMetrics(registry));
  assert.match(text, /^breakwater_picker_bad_input_total 1\d$/m);
  assert.equal(inUse(state), 2);
  good.end();
  await until('the good stream ends as any other', () => inUse(state) === 0);
});

test('a client that never reads is not read from either', async () => {
  const { server } = await bench({ plugins: NO_BODY_SCORERS });
  const session = connectHttp2(`http://127.0.0.1:${server.port}`, {
    settings: { initialWindowSize: 1024 },
    maxSessionMemory: 1000,
  });
  const stream = session.request(PROCESS_CALL);
  stream.on('error', () => {});
  stream.write(Buffer.from([0, 0, 0, 0, 4, 0x12, 2, 0x18, 0]));
  // ProcessingRequest { request_body { body: 60,000 bytes } }: each is sent back.
  const body = Buffer.alloc(60_000, 'x');
  const inner = Buffer.concat([Buffer.from([0x0a, 0xe0, 0xd4, 0x03]), body]);
  const whole = Buffer.concat([Buffer.from([0x22, 0xe4, 0xd4, 0x03]), inner]);
  const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), whole]);
  framed.writeUInt32BE(whole.length, 1);
  const sent = () => session.socket.bytesWritten;
  // 60 MB, of which no more than a stream's window and what waits to be sent back gets through.
  for (let i = 0; i < 1000; i++) stream.write(framed);
  await until('some of it is read', () => sent() > 500_000);
  const client = clientOf(ExternalProcessor, server.port, plain);
  for (let i = 0; i < 20; i++) {
    const other = processOn(client);
    other.write(headers(true));
    await answerOf(other);
    other.end();
  }
  assert.ok(sent() < 5e6, `${sent()} bytes were read`);
  session.destroy();
});

test('halves of large messages: no more is held than the bound for all of them', async () => {
  const { state, server, events } = await bench({}, { maxHeldBytes: 1e6 });
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const streams = Array.from({ length: 20 }, () => {
    const stream = session.request(PROCESS_CALL);
    stream.on('error', () => {});
    // A message of 1 MB, of which a tenth comes.
    stream.write(Buffer.concat([Buffer.from([0, 0, 0x0f, 0x42, 0x40]), Buffer.alloc(100_000)]));
    stream.resume();
    return stream;
  });
  await until('a line about it', () => events.some(event => /1000000 bytes are held/.test(event)));
  assert.ok(state.context.bodies.heldBytes <= 1.1e6);
  for (const stream of streams) stream.close();
  await until('nothing is held', () => state.context.bodies.heldBytes === 0);
  session.destroy();
});

test('10,000 open streams on four connections', { timeout: 120_000 }, async () => {
  const { state, server } = await bench({ limit: 20_000 });
  const sessions = Array.from({ length: 4 }, () => connectHttp2(`http://127.0.0.1:${server.port}`));
  for (const session of sessions) {
    await once(session, 'remoteSettings');
    for (let i = 0; i < 2500; i++) {
      const stream = session.request(PROCESS_CALL);
      stream.on('error', () => {});
      stream.resume();
      stream.write(PICK_REQUEST);
    }
  }
  await until(`10,000 picks, ${inUse(state)} counted`, () => inUse(state) === 20_000);
  assert.equal(server.streams, 10_000);
  const one = processOn(clientOf(ExternalProcessor, server.port, plain));
  one.write(headers(true));
  assert.equal((await answerOf(one)).response.case, 'requestHeaders');
  one.end();
  for (const session of sessions) session.destroy();
  await until('all is given back', () => inUse(state) === 0);
});

test('a gateway that dies without a word is found out by a ping', async () => {
  const { state, server, events } = await bench({}, { keepaliveMs: 50, keepaliveTimeoutMs: 100 });
  const between: Socket[] = [];
  const cable = createServer(socket => {
    const onward = connect(server.port, '127.0.0.1');
    between.push(socket, onward);
    for (const end of [socket, onward]) end.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
  await once(cable.listen(0, '127.0.0.1'), 'listening');
  const session = connectHttp2(`http://127.0.0.1:${(cable.address() as AddressInfo).port}`);
  const stream = session.request(PROCESS_CALL);
  for (const part of [session, stream]) part.on('error', () => {});
  stream.write(PICK_REQUEST);
  await once(stream, 'data');
  assert.equal(inUse(state), 2);
  for (const socket of between) socket.unpipe().pause();
  await until('its permit is given back', () => inUse(state) === 0);
  assert.match(events.join('\n'), /no answer to a ping within 100 ms/);
  session.destroy();
  for (const socket of between) socket.destroy();
  cable.close();
});
