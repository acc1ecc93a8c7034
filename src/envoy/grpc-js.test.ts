import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import {
  Health,
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from './gen/grpc/health/v1/health_pb.ts';
import { grpcService } from './grpc-js-for-test.ts';

test('a generated service is served and called over gRPC', async () => {
  const service = grpcService(Health);
  assert.deepEqual(
    [service.check, service.watch].map(method => [method.path, method.requestStream, method.responseStream]),
    [
      ['/grpc.health.v1.Health/Check', false, false],
      ['/grpc.health.v1.Health/Watch', false, true],
    ],
  );
  const server = new Server();
  server.addService(service, {
    check(
      call: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
      answer: sendUnaryData<HealthCheckResponse>,
    ) {
      const status = call.request.service === 'a' ? 'SERVING' : 'NOT_SERVING';
      answer(null, create(HealthCheckResponseSchema, { status: HealthCheckResponse_ServingStatus[status] }));
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const Client = makeGenericClientConstructor(service, 'Health');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const answer = await new Promise<HealthCheckResponse>((resolve, reject) =>
      client['check']!(
        create(HealthCheckRequestSchema, { service: 'a' }),
        (error: Error | null, value: HealthCheckResponse) =>
          error === null ? resolve(value) : reject(error),
      ),
    );
    assert.equal(answer.status, HealthCheckResponse_ServingStatus.SERVING);
  } finally {
    client.close();
    server.forceShutdown();
  }
});
