import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  type Authority,
  issue,
  renewedAuthority,
  trustBundle,
} from '../../src/cluster/certificates/authority.ts';
import { renewedControlPlane, secretText } from '../../src/cluster/certificates/control-plane.ts';
import { gatewaySecretText, gatewayUri } from '../../src/cluster/certificates/gateway.ts';
import { CERTIFICATE_TIMES as TIMES } from '../../src/cluster/certificates/life.ts';
import { bootstrapJson } from '../../src/envoy/bootstrap.ts';
import { EnvoyFleet } from '../../src/envoy/fleet/fleet.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { Forwarder } from '../support/forwarder.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { until } from '../support/until.ts';
import { ModelServer } from './support/model-server.ts';
import { SecretFolder } from './support/secret-folder.ts';

const PATIENCE_MS = 60_000;

type ControlPlane = ReturnType<typeof renewedControlPlane>['certificates'];

const tlsOf = ({ authority, server }: ControlPlane) => ({ ...server, ca: trustBundle(authority) });

/** Envoys, and who tells them what to be, over mutual TLS; a Gateway with one pool. */
class Scene implements AsyncDisposable {
  readonly events: string[] = [];
  readonly secret = new SecretFolder();
  readonly stack = new AsyncDisposableStack();
  certificates: ControlPlane;
  model!: ModelServer;
  fleet!: EnvoyFleet;
  xds!: Forwarder;
  port = 0;

  private constructor(certificates: ControlPlane) {
    this.certificates = certificates;
    this.stack.defer(() => this.secret.close());
  }

  /** @param certificates of the control plane */
  static async start(certificates = renewedControlPlane(undefined, Date.now(), TIMES).certificates) {
    const scene = new Scene(certificates);
    const { stack } = scene;
    scene.model = await ModelServer.start((_, response) => response.end('served'));
    stack.defer(() => scene.model.close());
    const hold = { sinceMs: performance.now() };
    scene.fleet = await EnvoyFleet.start({
      address: '127.0.0.1',
      xdsPort: 0,
      pickerPort: 0,
      tls: tlsOf(certificates),
      sdsFolder: scene.secret.sds,
      uriOf: gatewayUri,
      holders: { holderOf: () => '127.0.0.1', held: () => hold, onChange: () => () => {} },
      onEvent: message => scene.events.push(message),
    });
    stack.defer(() => scene.fleet.close());
    scene.xds = stack.use(await Forwarder.start(() => scene.fleet.xdsPort));
    scene.port = await freePort();
    await scene.fleet.apply(planOf(manifests(scene.port, scene.model.port)));
    return scene;
  }

  /** The certificate of an Envoy, as it is made; @param issuedMs on the wall clock */
  client(issuedMs = Date.now(), gateway = 'default/one', authority: Authority = this.certificates.authority) {
    const { cert, key } = issue(
      authority,
      { commonName: 'envoy', usage: 'client', uris: [gatewayUri(gateway)] },
      issuedMs,
      TIMES,
    );
    return { 'ca.crt': trustBundle(this.certificates.authority), 'tls.crt': cert, 'tls.key': key };
  }

  async envoy(): Promise<EnvoyProcess> {
    const envoy = await EnvoyProcess.start(
      bootstrapJson({
        nodeId: 'pod',
        nodeCluster: 'default/one',
        xds: { host: '127.0.0.1', port: this.xds.port },
        admin: { host: '127.0.0.1', port: 0 },
        transportSocket: this.secret.transportSocket(),
      }),
    );
    this.stack.defer(() => envoy.stop());
    return envoy;
  }

  async ask(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}/v1/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm' }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return `${response.status} ${await response.text()}`;
  }

  /** Envoy knows a listener a moment before its workers listen. */
  async served(): Promise<void> {
    await until('it serves', async () => (await this.ask().catch(() => '')) === '200 served', PATIENCE_MS);
  }

  get trouble(): string | undefined {
    return this.fleet.report().servers[0]?.error;
  }

  told(what: RegExp): Promise<string> {
    return until(String(what), () => this.events.find(event => what.test(event)), PATIENCE_MS);
  }

  async metric(name: string): Promise<number> {
    const line = (await this.fleet.metricsText()).split('\n').find(each => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync();
  }
}

function manifests(port: number, modelPort: number): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: one }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: one }
spec:
  parentRefs: [{ name: one }]
  rules:
    - backendRefs: [{ group: inference.networking.x-k8s.io, kind: InferencePool, name: pool }]
---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferencePool
metadata: { name: pool }
spec: { selector: { app: model }, targetPortNumber: ${modelPort}, extensionRef: { name: nobody, failureMode: FailOpen } }
---
apiVersion: v1
kind: Pod
metadata: { name: model, labels: { app: model } }
spec: { containers: [{ name: model, image: model }] }
status: { phase: Running, podIP: 127.0.0.1, conditions: [{ type: Ready, status: "True" }] }
`;
}

const PICKS = 'breakwater_picker_decisions_total{verdict="picked"}';
const REFUSED = 'breakwater_xds_events_total{kind="refused"}';

test('certificates of both sides, and who signs them, are renewed under load: nothing is lost, and the new ones are used', async () => {
  // Two thirds of the authority's life are over, and the next one has been trusted for long enough to sign.
  const made = renewedControlPlane(undefined, Date.now() - 0.7 * TIMES.authorityLifeMs, TIMES);
  const { certificates: before, changes } = renewedControlPlane(
    secretText(made.certificates),
    Date.now() - 2 * TIMES.publishMs,
    TIMES,
  );
  assert.equal(changes[0], 'the next authority is trusted from now on');
  await using scene = await Scene.start(before);
  const first = gatewaySecretText('default/one', [], before.authority, Date.now(), TIMES);
  await scene.secret.write(first);
  const envoy = await scene.envoy();
  await envoy.port('default/one/http');
  await scene.served();

  const answers = new Map<string, number>();
  let stopped = false;
  scene.stack.defer(() => {
    stopped = true;
  });
  const load = (async () => {
    while (!stopped) {
      const answer = await scene.ask();
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  })();
  const serials = async () => {
    const { certificates } = JSON.parse(await envoy.get('/certs')) as {
      readonly certificates: readonly {
        readonly cert_chain?: readonly { readonly serial_number: string }[];
      }[];
    };
    return certificates.flatMap(({ cert_chain: chain = [] }) => chain.map(one => one.serial_number));
  };
  const serialOf = (pem: string) => new X509Certificate(pem).serialNumber.toLowerCase();
  assert.ok((await serials()).includes(serialOf(first['tls.crt'])));

  // The server's, by an authority that is new to nobody.
  const authority = renewedAuthority(before.authority, Date.now(), TIMES);
  assert.notEqual(authority.issuer.cert, before.authority.issuer.cert);
  const server = issue(
    authority,
    { commonName: 'breakwater', usage: 'server', dnsNames: ['breakwater'] },
    Date.now(),
    TIMES,
  );
  scene.certificates = { authority, server };
  scene.fleet.setTls(tlsOf(scene.certificates));
  // The client's.
  const second = scene.client();
  await scene.secret.write(second);
  await until(
    'Envoy has the new one',
    async () => (await serials()).includes(serialOf(second['tls.crt'])),
    PATIENCE_MS,
  );
  const connections = scene.xds.connections;
  scene.xds.cut();
  await until(
    'Envoy is back',
    () => scene.xds.connections > connections && scene.trouble === undefined,
    PATIENCE_MS,
  );
  const picked = await scene.metric(PICKS);
  await until('it goes on', async () => (await scene.metric(PICKS)) > picked + 20, PATIENCE_MS);
  stopped = true;
  await load;
  assert.deepEqual([...answers.keys()], ['200 served']);
  assert.equal(await scene.metric(REFUSED), 0, scene.events.join('\n'));
});

test('an Envoy with a certificate that has expired is turned away, with its address, until it has a good one', async () => {
  await using scene = await Scene.start();
  await scene.secret.write(scene.client(Date.now() - 2 * TIMES.lifeMs));
  const envoy = await scene.envoy();
  await scene.told(
    /^xDS 127\.0\.0\.1:\d+: connection closed: its certificate is not accepted: CERT_HAS_EXPIRED \(valid until .+\)$/,
  );
  assert.ok((await scene.metric(REFUSED)) > 0);
  assert.match(scene.trouble ?? '', /no Envoy/);
  await scene.secret.write(scene.client());
  await envoy.port('default/one/http');
  await scene.served();
});

test('a picker turns away an Envoy whose certificate has expired; the pool fails open, and all is well with a good one', async () => {
  await using scene = await Scene.start();
  await scene.secret.write(scene.client());
  const envoy = await scene.envoy();
  await envoy.port('default/one/http');
  const expired = scene.client(Date.now() - 2 * TIMES.lifeMs);
  await scene.secret.write(expired);
  const serial = new X509Certificate(expired['tls.crt']).serialNumber.toLowerCase();
  await until('Envoy has it', async () => (await envoy.get('/certs')).includes(serial), PATIENCE_MS);
  await scene.served();
  await scene.told(
    /^ext_proc client 127\.0\.0\.1:\d+: its certificate is not accepted: CERT_HAS_EXPIRED \(valid until .+\)$/,
  );
  assert.ok((await scene.metric('breakwater_picker_bad_input_total')) > 0);
  assert.equal(await scene.metric(PICKS), 0);
  await scene.secret.write(scene.client());
  await until(
    'the picker is asked',
    async () => {
      await scene.ask();
      return (await scene.metric(PICKS)) > 0;
    },
    PATIENCE_MS,
  );
});

test('an Envoy does not take a server whose certificate has expired, or is another one’s; what it had goes on', async () => {
  await using scene = await Scene.start();
  await scene.secret.write(scene.client());
  const envoy = await scene.envoy();
  await envoy.port('default/one/http');
  await scene.served();
  const { authority } = scene.certificates;
  const request = { commonName: 'breakwater', usage: 'server', dnsNames: ['breakwater'] } as const;
  const now = Date.now();
  const good = tlsOf(scene.certificates);
  const bad = {
    expired: {
      server: issue(authority, request, now - 2 * TIMES.lifeMs, TIMES),
      says: /certificate expired/,
    },
    // An Envoy that would be the control plane of another one.
    client: {
      server: issue(authority, { ...request, usage: 'client' }, now, TIMES),
      says: /(?:alert|certificate)/,
    },
    named: {
      server: issue(authority, { ...request, dnsNames: ['another'] }, now, TIMES),
      says: /(?:alert|certificate)/,
    },
  };
  for (const [what, { server, says }] of Object.entries(bad)) {
    scene.events.length = 0;
    scene.fleet.setTls({ ...good, ...server });
    scene.xds.cut();
    const told = await scene.told(/connection closed: (?!it sent)/);
    assert.match(told, /^xDS 127\.0\.0\.1:\d+: connection closed: /, what);
    assert.match(told, says, what);
    assert.match(scene.trouble ?? '', /no Envoy/, what);
    assert.equal(await scene.ask(), '200 served', what);
    scene.fleet.setTls(good);
    await until('it is back', () => scene.trouble === undefined, PATIENCE_MS);
  }
});

test('an Envoy that says it is another Gateway’s than its certificate is turned away, and so is one that nobody has signed', async () => {
  await using scene = await Scene.start();
  await scene.secret.write(scene.client(Date.now(), 'default/two'));
  const envoy = await scene.envoy();
  await scene.told(
    /it says that it is of Gateway "default\/one", and its certificate is for spiffe:\/\/breakwater\/ns\/default\/gateway\/two$/,
  );
  const stranger = renewedAuthority(undefined, Date.now() - 1000, TIMES);
  await scene.secret.write(scene.client(Date.now(), 'default/one', stranger));
  scene.xds.cut();
  await scene.told(/its certificate is not accepted: (?!CERT_HAS_EXPIRED)[A-Z_]+/);
  assert.match(scene.trouble ?? '', /no Envoy/);
  await scene.secret.write(scene.client());
  await envoy.port('default/one/http');
});
