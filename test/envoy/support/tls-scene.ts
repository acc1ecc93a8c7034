import { bootstrapJson } from '../../../src/envoy/envoy-bootstrap.ts';
import { EnvoyFleet } from '../../../src/envoy/fleet/fleet.ts';
import { monotonicMs } from '../../../src/kernel/index.ts';
import { type Authority, issue, trustBundle } from '../../../src/tls/control-plane/authority.ts';
import { CERTIFICATE_TIMES as TIMES } from '../../../src/tls/control-plane/certificate-life.ts';
import { renewedControlPlane } from '../../../src/tls/control-plane/control-plane-certificates.ts';
import { gatewayUri } from '../../../src/tls/control-plane/gateway-certificate.ts';
import { EnvoyProcess } from '../../support/envoy-process.ts';
import { Forwarder } from '../../support/forwarder.ts';
import { freePort } from '../../support/free-port.ts';
import { planOf } from '../../support/plan-of.ts';
import { until } from '../../support/until.ts';
import { ModelServer } from './model-server.ts';
import { SecretFolder } from './secret-folder.ts';

export const PATIENCE_MS = 60_000;

export type ControlPlane = ReturnType<typeof renewedControlPlane>['certificates'];

export const tlsOf = ({ authority, server }: ControlPlane) => ({ ...server, ca: trustBundle(authority) });

/** Envoys, and who tells them what to be, over mutual TLS; a Gateway with one pool. */
export class TlsScene implements AsyncDisposable {
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
    const scene = new TlsScene(certificates);
    const { stack } = scene;
    scene.model = await ModelServer.start((_, response) => response.end('served'));
    stack.defer(() => scene.model.close());
    const held = { sinceMs: monotonicMs() };
    scene.fleet = await EnvoyFleet.start({
      address: '127.0.0.1',
      xdsPort: 0,
      pickerPort: 0,
      tls: tlsOf(certificates),
      sdsFolder: scene.secret.sds,
      uriOf: gatewayUri,
      owners: { ownerOf: () => '127.0.0.1', held: () => held, onChange: () => () => {} },
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
