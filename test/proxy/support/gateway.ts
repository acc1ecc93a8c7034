import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../../src/api/index.ts';
import { PLUGIN_CATALOG } from '../../../src/picker/index.ts';
import type { Acceptance } from '../../../src/plan/index.ts';
import type { Plane } from '../../../src/plane/data-plane.ts';
import { DEFAULT_PROXY_LIMITS, type ProxyLimits } from '../../../src/proxy/defaults.ts';
import { EmbeddedPlane } from '../../../src/proxy/embedded-plane.ts';
import { translate } from '../../../src/translate/index.ts';
import { freePort } from '../../support/free-port.ts';
import { type Manifests, plainRoute } from './manifests.ts';
import { type Response, readResponse } from './message.ts';
import { type Script, Upstream } from './upstream.ts';
import { Wire } from './wire.ts';
import { eventually } from './within.ts';

const HOST = '127.0.0.1';
/** A client that goes away frees what it held within this; so does everything else. */
const AT_REST_WITHIN_MS = 1000;

/** Problems that Envoy serves too: limits of zero, backends that are not there. */
const SERVED_ALL_THE_SAME: ReadonlySet<string> = new Set([
  'policy-unsupported',
  'policy-invalid',
  'limit-refuses-everything',
  'backend-unresolved',
  'backend-without-endpoints',
  'weights-add-up-to-zero',
  'pool-matches-nothing',
]);

type OnEvent = (message: string, severity: 'info' | 'warning' | 'error') => void;

export interface GatewayOptions {
  readonly workers?: number;
  readonly bounds?: Partial<ProxyLimits>;
  readonly heldBodyBytes?: number;
  /** The tests kill them. */
  readonly workersDie?: boolean;
  /** Another data plane than the embedded one. */
  readonly plane?: (onEvent: OnEvent) => Promise<Plane>;
}

/** What a test has in its hands. */
export interface Scene {
  readonly port: number;
  readonly upstream: Upstream;
  readonly upstreams: readonly Upstream[];
  /** A new client connection. */
  connect(): Promise<Wire>;
  /** Sends one request on a connection of its own and reads the answer. */
  send(request: string): Promise<Response>;
  snapshot(): ReturnType<Plane['snapshot']>;
  readonly plane: Plane['kind'];
  /** The plane's decision about a request. @param requestId as its answer says it */
  explain: Plane['explain'];
  /** Other manifests from now on. */
  apply(manifests: string): Promise<void>;
}

/** A real plane for the tests of one file; each test serves manifests of its own on it. */
export class TestGateway {
  readonly #options: GatewayOptions;
  #plane: Plane | undefined;
  #port = 0;
  readonly events: string[] = [];

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const { plane, workers, bounds, heldBodyBytes } = this.#options;
    const onEvent: OnEvent = (message, severity) => this.events.push(`${severity}: ${message}`);
    this.#plane =
      (await plane?.(onEvent)) ??
      (await EmbeddedPlane.start({
        address: HOST,
        portOffset: 0,
        workers: workers ?? 1,
        ...(heldBodyBytes === undefined ? {} : { heldBodyBytes }),
        bounds: { ...DEFAULT_PROXY_LIMITS, ...bounds },
        onEvent,
      }));
  }

  /** A value of the metrics. @param series name, and labels in braces */
  async metric(series: string): Promise<number> {
    const text = await this.#running.metricsText();
    const line = text.split('\n').find(one => one.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1) ?? Number.NaN);
  }

  setAcceptance(acceptance: Acceptance): void {
    this.#running.setAcceptance?.(acceptance);
  }

  drain(timeoutMs: number): Promise<void> {
    return this.#running.drain(timeoutMs);
  }

  async close(): Promise<void> {
    await this.#plane?.close();
    if (this.#options.workersDie === true) return;
    assert.deepEqual(
      this.events.filter(event => event.includes('died')),
      [],
    );
  }

  /** Serves a plain route to one upstream with that script, and sees to it that all counters are zero at the end. */
  serve(script: Script, run: (scene: Scene) => Promise<void>, manifests?: Manifests): Promise<void> {
    return this.serveMany([script], run, manifests);
  }

  async serveMany(
    scripts: readonly Script[],
    run: (scene: Scene) => Promise<void>,
    manifests: Manifests = plainRoute(),
  ): Promise<void> {
    const upstreams = await startUpstreams(scripts);
    const wires: Wire[] = [];
    const connectOne = async () => {
      const socket = connect({ host: HOST, port: this.#port, noDelay: true });
      await once(socket, 'connect');
      const wire = new Wire(socket);
      wires.push(wire);
      return wire;
    };
    try {
      await this.apply(manifests(this.#port, upstreams));
      await run({
        port: this.#port,
        upstream: upstreams[0] as Upstream,
        upstreams,
        connect: connectOne,
        send: async request => {
          const wire = await connectOne();
          wire.write(request);
          return readResponse(wire, request.startsWith('HEAD '));
        },
        snapshot: () => this.#running.snapshot(),
        plane: this.#running.kind,
        explain: requestId => this.#running.explain(requestId),
        apply: text => this.apply(text),
      });
      for (const wire of wires) wire.destroy();
      await this.#atRest('the clients have left', false);
    } finally {
      for (const wire of wires) wire.destroy();
      await Promise.all(upstreams.map(upstream => upstream.close()));
    }
    await this.#atRest('the upstreams have closed too', true);
  }

  get #running(): Plane {
    if (this.#plane === undefined) throw new Error('not started');
    return this.#plane;
  }

  async apply(manifests: string): Promise<void> {
    const entries = parseAllDocuments(manifests).map(document => {
      const { object, errors } = parseObject(document.toJS());
      assert.deepEqual(errors, []);
      return { object: object! };
    });
    const { plan, problems } = translate(buildResourceSet(entries), {
      controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
      plugins: PLUGIN_CATALOG,
    });
    assert.deepEqual(
      problems.filter(({ severity, code }) => severity === 'error' && !SERVED_ALL_THE_SAME.has(code)),
      [],
    );
    const report = await this.#running.apply(plan);
    assert.equal(report.error, undefined);
    assert.deepEqual(
      report.servers.map(server => server.bound?.port),
      [this.#port],
    );
  }

  async #atRest(when: string, connectionsToo: boolean): Promise<void> {
    let counts: Record<string, number> = {};
    await eventually(
      AT_REST_WITHIN_MS,
      () => `zero counters when ${when}: ${JSON.stringify(counts)}`,
      async () => {
        const { limits, endpoints } = await this.#running.snapshot();
        counts = { active: 0, pending: 0, retries: 0, inFlight: 0, connections: 0 };
        for (const scope of limits) {
          counts['active']! += scope.active;
          counts['pending']! += scope.pending;
          counts['retries']! += scope.retries;
          counts['connections']! += scope.connections;
        }
        for (const endpoint of endpoints) counts['inFlight']! += endpoint.inFlight;
        if (!connectionsToo) counts['connections'] = 0;
        return Object.values(counts).every(count => count === 0);
      },
    );
  }
}

/** Starts a gateway before the tests of this file and ends it after them. */
export function useGateway(options: GatewayOptions = {}): TestGateway {
  const gateway = new TestGateway(options);
  before(() => gateway.start());
  after(() => gateway.close());
  return gateway;
}

/** Several share one port on addresses of their own, as Pods do. */
async function startUpstreams(scripts: readonly Script[]): Promise<Upstream[]> {
  const upstreams: Upstream[] = [];
  for (const [i, script] of scripts.entries()) {
    upstreams.push(await Upstream.start(script, `127.0.0.${i + 1}`, upstreams[0]?.port));
  }
  return upstreams;
}
