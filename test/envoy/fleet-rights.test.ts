import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { answerOf, clientOf, closeAll, headers, processOn } from '../../src/envoy/ext-proc/bench-for-test.ts';
import { EnvoyFleet } from '../../src/envoy/fleet/fleet.ts';
import { ExternalProcessor } from '../../src/envoy/gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { monotonicMs } from '../../src/kernel/index.ts';
import { issue, trustBundle } from '../../src/tls/control-plane/authority.ts';
import { CERTIFICATE_TIMES as TIMES } from '../../src/tls/control-plane/certificate-life.ts';
import { renewedControlPlane } from '../../src/tls/control-plane/control-plane-certificates.ts';
import { gatewayUri } from '../../src/tls/control-plane/gateway-certificate.ts';
import { planOf } from '../support/plan-of.ts';
import { until } from '../support/until.ts';
import { ModelServer } from './support/model-server.ts';

after(closeAll);

const PERMISSION_DENIED = 7;

/** A Gateway with a route to a pool of its own. */
const gateway = (name: string, modelPort: number) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferencePool
metadata: { name: ${name} }
spec: { selector: { app: model }, targetPortNumber: ${modelPort}, extensionRef: { name: nobody, failureMode: FailOpen } }
`;

const route = (name: string, ...gateways: string[]) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: ${JSON.stringify(gateways.map(parent => ({ name: parent })))}
  rules:
    - backendRefs: [{ group: inference.networking.x-k8s.io, kind: InferencePool, name: ${name} }]
`;

const COMMON = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: v1
kind: Pod
metadata: { name: model, labels: { app: model } }
spec: { containers: [{ name: model, image: model }] }
status: { phase: Running, podIP: 127.0.0.1, conditions: [{ type: Ready, status: "True" }] }
`;

test('an Envoy is told where requests of its own Gateway go, and of no other', async t => {
  const model = await ModelServer.start((_, response) => response.end());
  t.after(() => model.close());
  const gateways = gateway('one', model.port) + gateway('two', model.port);
  const { authority, server } = renewedControlPlane(undefined, Date.now(), TIMES).certificates;
  const ca = trustBundle(authority);
  const held = { sinceMs: monotonicMs() };
  const events: string[] = [];
  const fleet = await EnvoyFleet.start({
    address: '127.0.0.1',
    xdsPort: 0,
    pickerPort: 0,
    tls: { ...server, ca },
    uriOf: gatewayUri,
    owners: { ownerOf: () => '127.0.0.1', held: () => held, onChange: () => () => {} },
    onEvent: message => events.push(message),
  });
  t.after(() => fleet.close());
  const clients = Object.fromEntries(
    ['one', 'two'].map(name => {
      const uris = [gatewayUri(`default/${name}`)];
      const { cert, key } = issue(
        authority,
        { commonName: 'envoy', usage: 'client', uris },
        Date.now(),
        TIMES,
      );
      const secret = credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert), {
        checkServerIdentity: () => undefined,
      });
      return [name, clientOf(ExternalProcessor, fleet.pickerPort, secret)];
    }),
  );
  /** What the picker says of a request by a route: 'picked', or why it is not. */
  const ask = async (as: string, about: string): Promise<string> => {
    const stream = processOn(clients[as]!, `httproute/default/${about}/rule/0`);
    const failed = once(stream, 'error').then(([error]) => {
      const { code, details } = error as ServiceError;
      return `${code} ${details}`;
    });
    stream.write(headers(true));
    const said = await Promise.race([
      failed,
      answerOf(stream).then(({ response }) =>
        response.case === 'requestHeaders' ? 'picked' : (response.case ?? ''),
      ),
    ]);
    stream.cancel();
    return said;
  };

  await fleet.apply(planOf(COMMON + gateways + route('one', 'one') + route('two', 'two')));
  // Once it is known what is in flight.
  await until('one is served', async () => (await ask('one', 'one')) === 'picked');
  await until('two is served', async () => (await ask('two', 'two')) === 'picked');
  const refused = await ask('two', 'one');
  assert.match(
    refused,
    new RegExp(`^${PERMISSION_DENIED} the cluster httproute/default/one/rule/0 of pool default/one `),
  );
  assert.ok(
    events.some(event =>
      /^ext_proc client 127\.0\.0\.1:\d+: .* certificate is for: spiffe:\/\/breakwater\/ns\/default\/gateway\/two$/.test(
        event,
      ),
    ),
    events.join('\n'),
  );
  assert.match(await fleet.metricsText(), /^breakwater_picker_trespasses_total 1$/m);

  // A route of both.
  await fleet.apply(planOf(COMMON + gateways + route('one', 'one', 'two') + route('two', 'two')));
  assert.equal(await ask('two', 'one'), 'picked');

  // Requests that came by a route before it left are on their way still.
  await fleet.apply(planOf(COMMON + gateways + route('one', 'one')));
  assert.equal(await ask('two', 'one'), 'picked');
  assert.equal(await ask('two', 'two'), 'picked');
  assert.match(await ask('one', 'two'), new RegExp(`^${PERMISSION_DENIED} `));
  assert.match(await fleet.metricsText(), /^breakwater_picker_trespasses_total 2$/m);
});
