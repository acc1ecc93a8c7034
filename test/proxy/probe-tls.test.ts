import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { probe } from '../../src/endpoints/health-check/probe.ts';
import type { ActiveHealthCheck } from '../../src/plan/index.ts';
import { backendTlsOptions } from '../../src/tls/backend-tls-options.ts';
import { pem } from './support/certificates.ts';

/** Speaks HTTP/1.1 and HTTP/2 over TLS, and gRPC's health service. */
const server = createSecureServer({
  allowHTTP1: true,
  cert: pem('a.example', 'crt'),
  key: pem('a.example', 'key'),
});
server.on('request', (request, response) => {
  if (request.httpVersion !== '2.0') response.writeHead(200).end('ok');
  else {
    response.setHeader('content-type', 'application/grpc');
    response.addTrailers({ 'grpc-status': '0' });
    response.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  }
});
before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
after(() => server.close());

function ask(type: ActiveHealthCheck['type'], trusted: string, serverName = 'a.example') {
  const policy = { type, intervalMs: 1000, timeoutMs: 60_000, unhealthyThreshold: 1, healthyThreshold: 1 };
  const { port } = server.address() as AddressInfo;
  const tls = backendTlsOptions({ serverName, caPem: pem(trusted, 'crt'), subjectAltNames: [] });
  return probe(policy, { address: '127.0.0.1', port, host: 'a', tls });
}

for (const type of ['HTTP', 'TCP', 'GRPC'] as const) {
  test(`${type} over TLS: a server whose certificate is valid is well`, async () => {
    assert.equal(await ask(type, 'a.example'), undefined);
  });

  test(`${type} over TLS: one whose certificate is not valid is not`, async () => {
    assert.equal(await ask(type, 'any'), 'its certificate is not valid');
    assert.equal(await ask(type, 'a.example', 'b.example'), 'its certificate is not valid');
  });
}
