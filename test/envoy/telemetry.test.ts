import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { proxyOf } from '../../src/cluster/infrastructure/index.ts';
import { onePicker } from '../../src/envoy/resources/picker-places.ts';
import { planMessages } from '../../src/envoy/resources/plan-messages.ts';
import { listenerName } from '../../src/envoy/resources/resource-names.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { planOf } from '../support/plan-of.ts';
import { staticBootstrap } from '../support/static-envoy.ts';
import { until } from '../support/until.ts';

const ALS = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** Of each method, what it was sent. Texts are in it as they are. */
const received = new Map<string, string>();
const tenants = new Set<unknown>();
let collector: Http2Server;
let envoy: EnvoyProcess;
let folder: string;
let url: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-telemetry-'));
  collector = await startCollector();
  const plan = planOf(manifests((collector.address() as AddressInfo).port, join(folder, 'log')), { proxyOf });
  const [server] = plan.servers;
  assert.ok(server !== undefined);
  const messages = planMessages(plan, {
    bindings: new Map([[server.name, { address: '127.0.0.1', port: 0 }]]),
    pickers: onePicker({ address: '127.0.0.1', port: 9 }),
  });
  envoy = await EnvoyProcess.start(staticBootstrap(messages));
  url = `http://127.0.0.1:${await envoy.port(listenerName(server))}`;
});

after(async () => {
  await envoy?.stop();
  collector?.close();
  await rm(folder, { recursive: true, force: true });
});

test('requests are told of in files, over gRPC and to OpenTelemetry, and traced', async () => {
  await ask('/left-out?secret=1', 'quiet');
  await ask('/told?secret=1', 'loud');
  await until('the file has it', async () => (await lines()).length > 0 || undefined);
  assert.deepEqual(await lines(), ['/told 302']);
  await until('ALS has it', () => received.get(ALS)?.includes('/told?secret=1') || undefined);
  assert.match(received.get(ALS) ?? '', /loud/, 'the header that was asked for');
  await until('OpenTelemetry has it', () => received.get(LOGS)?.includes('body of /told') || undefined);
  assert.match(received.get(LOGS) ?? '', /service\.name[\s\S]*told-by-test/);
  assert.ok(tenants.has('tenant-of-logs'));
  await until('there is a span', () => received.get(TRACES)?.includes('edge-of-test') || undefined);
  await until(
    'a span has its tag',
    () => /tag-of-test[\s\S]*loud/.test(received.get(TRACES) ?? '') || undefined,
  );
});

async function ask(path: string, kind: string): Promise<void> {
  const response = await fetch(`${url}${path}`, { redirect: 'manual', headers: { 'x-kind': kind } });
  assert.equal(response.status, 302);
  await response.arrayBuffer();
}

async function lines(): Promise<string[]> {
  const text = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  return text.split('\n').filter(line => line !== '');
}

/** A gRPC server that takes everything, and answers with empty messages. */
async function startCollector(): Promise<Http2Server> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    tenants.add(headers['x-tenant']);
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      received.set(path, (received.get(path) ?? '') + chunk.toString('latin1'));
    });
    stream.on('end', () => {
      // Of an Envoy that was stopped.
      if (stream.destroyed) return;
      stream.on('wantTrailers', () => stream.destroyed || stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.end(Buffer.alloc(5));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function manifests(port: number, file: string): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: eg }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: told, namespace: default }
spec:
  gatewayClassName: eg
  infrastructure: { parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: it } }
  listeners: [{ name: http, port: 80, protocol: HTTP }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r, namespace: default }
spec:
  parentRefs: [{ name: told }]
  rules:
    - filters: [{ type: RequestRedirect, requestRedirect: { hostname: other.example } }]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: collector, namespace: default }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: ${port} } }] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: it, namespace: default }
spec:
  telemetry:
    accessLog:
      settings:
        - format: { type: Text, text: "%REQ_WITHOUT_QUERY(:PATH)% %RESPONSE_CODE%\\n" }
          matches: ["request.headers['x-kind'] == 'loud'"]
          sinks: [{ type: File, file: { path: ${file} } }]
        - sinks:
            - type: ALS
              als:
                type: HTTP
                backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: collector }]
                http: { requestHeaders: [x-kind] }
        - format: { type: Text, text: "body of %REQ_WITHOUT_QUERY(:PATH)%" }
          sinks:
            - type: OpenTelemetry
              openTelemetry:
                host: 127.0.0.1
                port: ${port}
                headers: [{ name: x-tenant, value: tenant-of-logs }]
                resourceAttributes: { service.name: told-by-test }
    tracing:
      provider: { type: OpenTelemetry, host: 127.0.0.1, port: ${port}, serviceName: edge-of-test }
      customTags: { tag-of-test: { type: RequestHeader, requestHeader: { name: x-kind } } }
`;
}
