import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
} from '@grpc/grpc-js';
import {
  ExternalProcessor,
  type ProcessingRequest,
  ProcessingRequestSchema,
  type ProcessingResponse,
} from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { Health, type HealthCheckResponse } from '../gen/grpc/health/v1/health_pb.ts';
import { ServerReflection, type ServerReflectionResponse } from '../gen/grpc/reflection/v1/reflection_pb.ts';
import { type ServerCertificate, selfSigned } from '../grpc/self-signed.ts';
import { grpcService } from '../grpc-service.ts';
import type { ExtProcBounds } from './bounds.ts';
import { CLUSTER, type PlanOptions, POOL, pickerForTest } from './picker-for-test.ts';
import { ExtProcServer } from './server.ts';
import type { PickerState } from './state.ts';

type Stream = ClientDuplexStream<ProcessingRequest, ProcessingResponse>;
type Messages = MessageInitShape<typeof ProcessingRequestSchema>;

const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

interface Bench {
  readonly state: PickerState;
  readonly server: ExtProcServer;
  readonly events: string[];
  readonly tls: ServerCertificate | undefined;
}

async function bench(
  options: PlanOptions = {},
  bounds: Partial<ExtProcBounds> = {},
  tls?: ServerCertificate,
): Promise<Bench> {
  const state = pickerForTest(options, bounds);
  const events: string[] = [];
  const server = await ExtProcServer.start({
    desk: state.desk,
    targetOf: cluster => (cluster === undefined ? state.pool(POOL) : state.cluster(cluster)),
    address: '127.0.0.1',
    port: 0,
    healthPort: 0,
    tls,
    onEvent: message => events.push(message),
  });
  closers.push(async () => {
    await server.close();
    await state.close();
  });
  return { state, server, events, tls };
}

/** grpc-js as the client: another implementation of the protocol. */
function clientOf(
  service: Parameters<typeof grpcService>[0],
  port: number,
  secret: ChannelCredentials,
): Client {
  const Constructor = makeGenericClientConstructor(grpcService(service), service.name);
  const client = new Constructor(`127.0.0.1:${port}`, secret, { 'grpc.max_send_message_length': -1 });
  closers.push(() => client.close());
  return client;
}

const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';
const PROCESS_CALL = { ':method': 'POST', ':path': PROCESS_PATH, 'content-type': 'application/grpc' };
/** ProcessingRequest { request_headers { end_of_stream: true } }, with its prefix. */
const PICK_REQUEST = Buffer.from([0, 0, 0, 0, 4, 0x12, 2, 0x18, 1]);

const plain = credentials.createInsecure();

function processOn(client: Client, cluster = CLUSTER): Stream {
  const metadata = new Metadata();
  metadata.set('x-breakwater-cluster', cluster);
  const call = (client as unknown as Record<string, (metadata: Metadata) => Stream>)['process']!(metadata);
  call.on('error', () => {});
  return call;
}

const message = (init: Messages) => create(ProcessingRequestSchema, init);
const headers = (endOfStream: boolean) =>
  message({ request: { case: 'requestHeaders', value: { headers: { headers: [] }, endOfStream } } });

async function answerOf(stream: Stream): Promise<ProcessingResponse> {
  const [answer] = (await once(stream, 'data')) as [ProcessingResponse];
  return answer;
}

function inUse(state: PickerState): number {
  const { limits, endpoints } = state.snapshot();
  return (
    limits.reduce((sum, scope) => sum + scope.active, 0) +
    endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0)
  );
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > deadline) assert.fail(`not within 20 s: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

test('a request, its pick, and the end of its stream', async () => {
  const { state, server } = await bench({ limit: 1 });
  const client = clientOf(ExternalProcessor, server.port, plain);
  const stream = processOn(client);
  stream.write(headers(true));
  const answer = await answerOf(stream);
  assert.equal(answer.response.case, 'requestHeaders');
  assert.equal(inUse(state), 2);
  const second = processOn(client);
  second.write(headers(true));
  const refused = await answerOf(second);
  assert.ok(refused.response.case === 'immediateResponse');
  assert.equal(refused.response.value.status?.code, 503);
  const ended = once(stream, 'status');
  stream.end();
  const [status] = (await ended) as [{ code: number }];
  assert.equal(status.code, 0);
  assert.equal(inUse(state), 0);
});

test('cancelled by the client, by the loss of its connection, by the end of the server', async () => {
  const { state, server } = await bench();
  const first = clientOf(ExternalProcessor, server.port, plain);
  const cancelled = processOn(first);
  cancelled.write(headers(true));
  await answerOf(cancelled);
  cancelled.cancel();
  await until(() => inUse(state) === 0, 'what the cancelled stream held is given back');
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const raw = session.request(PROCESS_CALL);
  raw.on('error', () => {});
  raw.write(PICK_REQUEST);
  await once(raw, 'data');
  assert.equal(inUse(state), 2);
  session.destroy();
  await until(() => inUse(state) === 0, 'what the lost connection held is given back');
  const last = processOn(first);
  last.write(headers(true));
  await answerOf(last);
  assert.equal(inUse(state), 2);
  await server.close();
  assert.equal(inUse(state), 0);
});

test('TLS: self-signed', async () => {
  const certificate = selfSigned('breakwater-picker', new Date());
  const { server, events } = await bench({}, {}, certificate);
  const trusting = credentials.createSsl(Buffer.from(certificate.cert), null, null, {
    checkServerIdentity: () => undefined,
  });
  const stream = processOn(clientOf(ExternalProcessor, server.port, trusting));
  stream.write(headers(true));
  assert.equal((await answerOf(stream)).response.case, 'requestHeaders');
  stream.end();
  await garbage(server.port, 'GET / HTTP/1.1\r\n\r\n');
  await until(() => events.length > 0, 'a line about plain text on the port of TLS');
  const http1 = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
  http1.on('error', () => {});
  await once(http1, 'close');
});

test('health: by service, while it drains, on the port of its own; reflection', async () => {
  const { server } = await bench();
  for (const port of [server.port, server.healthPort!]) {
    const client = clientOf(Health, port, plain) as unknown as Record<
      string,
      (request: object, done: (error: { code: number } | null, answer?: HealthCheckResponse) => void) => void
    >;
    const check = (service: string) =>
      new Promise<number | string>(resolve =>
        client['check']!({ $typeName: 'grpc.health.v1.HealthCheckRequest', service }, (error, answer) =>
          resolve(error === null ? (answer?.status ?? 0) : `error ${error.code}`),
        ),
      );
    for (const service of ['', 'liveness', 'readiness', 'envoy.service.ext_proc.v3.ExternalProcessor'])
      assert.equal(await check(service), 1, service);
    assert.equal(await check('nobody'), 'error 5');
  }
  const reflection = clientOf(ServerReflection, server.port, plain) as unknown as Record<
    string,
    () => ClientDuplexStream<object, ServerReflectionResponse>
  >;
  const call = reflection['serverReflectionInfo']!();
  const ask = async (messageRequest: object) => {
    call.write({ $typeName: 'grpc.reflection.v1.ServerReflectionRequest', host: '', messageRequest });
    const [answer] = (await once(call, 'data')) as [ServerReflectionResponse];
    return answer.messageResponse;
  };
  const list = await ask({ case: 'listServices', value: '' });
  assert.ok(list.case === 'listServicesResponse');
  assert.deepEqual(
    list.value.service.map(({ name }) => name),
    [
      'envoy.service.ext_proc.v3.ExternalProcessor',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
    ],
  );
  const symbol = 'envoy.service.ext_proc.v3.ExternalProcessor';
  const files = await ask({ case: 'fileContainingSymbol', value: symbol });
  assert.ok(files.case === 'fileDescriptorResponse' && files.value.fileDescriptorProto.length > 5);
  assert.equal((await ask({ case: 'fileContainingSymbol', value: 'x' })).case, 'errorResponse');
  call.end();

  const watcher = clientOf(Health, server.healthPort!, plain) as unknown as Record<
    string,
    (request: object) => ClientDuplexStream<object, HealthCheckResponse>
  >;
  const watch = watcher['watch']!({ $typeName: 'grpc.health.v1.HealthCheckRequest', service: 'readiness' });
  watch.on('error', () => {});
  const [first] = (await once(watch, 'data')) as [HealthCheckResponse];
  const drained = server.drain(10_000);
  const [second] = (await once(watch, 'data')) as [HealthCheckResponse];
  assert.deepEqual([first.status, second.status], [1, 2]);
  await drained;
});

/** Writes bytes and waits until the server closes. */
async function garbage(port: number, bytes: string | Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  socket.resume();
  await once(socket, 'close');
}

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
    await until(() => events.slice(from).some(event => what.test(event)), `${what} in ${events.slice(from)}`);
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
  await until(() => inUse(state) === 0, 'the good stream ends as any other');
});

test('a client that never reads is not read from either', async () => {
  const { server } = await bench({ scorerWeights: { 'lora-affinity-scorer': 0, 'prefix-cache-scorer': 0 } });
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
  const before = process.memoryUsage().rss;
  // 60 MB, of which no more than a stream's window gets through.
  for (let i = 0; i < 1000; i++) stream.write(framed);
  await until(() => stream.writableLength < 1000 * framed.length, 'some of it is read');
  const client = clientOf(ExternalProcessor, server.port, plain);
  for (let i = 0; i < 20; i++) {
    const other = processOn(client);
    other.write(headers(true));
    await answerOf(other);
    other.end();
  }
  assert.ok(stream.writableLength > 50e6, `${stream.writableLength} bytes are still on the client's side`);
  assert.ok(process.memoryUsage().rss - before < 100e6);
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
  await until(() => inUse(state) === 20_000, `10,000 picks, ${inUse(state)} counted`);
  assert.equal(server.streams, 10_000);
  const one = processOn(clientOf(ExternalProcessor, server.port, plain));
  one.write(headers(true));
  assert.equal((await answerOf(one)).response.case, 'requestHeaders');
  one.end();
  for (const session of sessions) session.destroy();
  await until(() => inUse(state) === 0, 'all is given back');
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
  await until(() => inUse(state) === 0, 'its permit is given back');
  assert.match(events.join('\n'), /no answer to a ping within 100 ms/);
  session.destroy();
  for (const socket of between) socket.destroy();
  cable.close();
});
