import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { until } from '../../../test/support/until.ts';
import { selfSigned } from '../../tls/index.ts';
import { ExternalProcessor } from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { Health, type HealthCheckResponse } from '../gen/grpc/health/v1/health_pb.ts';
import { ServerReflection, type ServerReflectionResponse } from '../gen/grpc/reflection/v1/reflection_pb.ts';
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
  plain,
  processOn,
} from './bench-for-test.ts';

after(closeAll);

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
  await until('what the cancelled stream held is given back', () => inUse(state) === 0);
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const raw = session.request(PROCESS_CALL);
  raw.on('error', () => {});
  raw.write(PICK_REQUEST);
  await once(raw, 'data');
  assert.equal(inUse(state), 2);
  session.destroy();
  await until('what the lost connection held is given back', () => inUse(state) === 0);
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
  await until('a line about plain text on the port of TLS', () => events.length > 0);
  const renewed = selfSigned('renewed', new Date());
  server.setCertificate(renewed);
  const socket = connectTls({
    port: server.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  await once(socket, 'secureConnect');
  assert.equal(socket.getPeerCertificate().subject.CN, 'renewed');
  socket.destroy();
  // Without ALPN.
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
      'envoy.service.accesslog.v3.AccessLogService',
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
