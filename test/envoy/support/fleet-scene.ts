import type { JsonValue } from '@bufbuild/protobuf';
import { bootstrapJson } from '../../../src/envoy/envoy-bootstrap.ts';
import { EnvoyFleet } from '../../../src/envoy/fleet/fleet.ts';
import type { EnvoyFleetOptions } from '../../../src/envoy/fleet/fleet-options.ts';
import { monotonicMs } from '../../../src/kernel/index.ts';
import { type Plan, planVersion, type Route } from '../../../src/plan/index.ts';
import type { HeldPool, PoolOwners } from '../../../src/plane/index.ts';
import { answer, Upstream } from '../../proxy/support/upstream.ts';
import { EnvoyProcess } from '../../support/envoy-process.ts';
import { planOf as translated } from '../../support/plan-of.ts';
import { until } from '../../support/until.ts';

/** One replica that other replicas' words are put into. */
class Owners implements PoolOwners {
  holder: string | undefined = '127.0.0.1';
  hold: HeldPool | undefined = { sinceMs: monotonicMs() };
  readonly #listeners = new Set<() => void>();

  ownerOf(): string | undefined {
    return this.holder;
  }

  held(): HeldPool | undefined {
    return this.hold;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(holder: string | undefined, hold: HeldPool | undefined): void {
    this.holder = holder;
    this.hold = hold;
    for (const listener of this.#listeners) listener();
  }
}

/** A fleet on this machine, and Envoys of Gateways; a fixed upstream. */
export class FleetScene implements AsyncDisposable {
  readonly events: string[] = [];
  readonly owners = new Owners();
  readonly upstream: Upstream;
  readonly fleet: EnvoyFleet;
  readonly #envoys: EnvoyProcess[] = [];

  private constructor(upstream: Upstream, fleet: EnvoyFleet, events: string[], owners: Owners) {
    this.upstream = upstream;
    this.fleet = fleet;
    this.events = events;
    this.owners = owners;
  }

  static async start(options: Partial<EnvoyFleetOptions> = {}): Promise<FleetScene> {
    const upstream = await Upstream.start(({ wire }) => void wire.write(answer('served')));
    const events: string[] = [];
    const owners = new Owners();
    const fleet = await EnvoyFleet.start({
      address: '127.0.0.1',
      xdsPort: 0,
      pickerPort: 0,
      tls: undefined,
      owners,
      onEvent: message => events.push(message),
      ...options,
    });
    return new FleetScene(upstream, fleet, events, owners);
  }

  /** @param more of its bootstrap */
  async envoy(
    gateway: string,
    id = `${gateway}-pod`,
    more: Readonly<Record<string, JsonValue>> = {},
  ): Promise<EnvoyProcess> {
    const envoy = await EnvoyProcess.start({
      ...(bootstrapJson({
        nodeId: id,
        nodeCluster: gateway,
        xds: { host: '127.0.0.1', port: this.fleet.xdsPort },
        admin: { host: '127.0.0.1', port: 0 },
      }) as Readonly<Record<string, JsonValue>>),
      ...more,
    });
    this.#envoys.push(envoy);
    return envoy;
  }

  /** What Envoys say of a route that is left out as one of them refuses it; undefined: none is. */
  leftOut(route: string): string | undefined {
    return this.fleet.report().leftOut?.find(({ source }) => source.name === route)?.message;
  }

  trouble(server: string): string | undefined {
    return this.fleet.report().servers.find(({ name }) => name === server)?.error;
  }

  /** Envoy acknowledges a message before each of its workers has it: what comes right after may still meet the old state. */
  async serves(port: number, path: string, expected = '200 served'): Promise<void> {
    await until(
      `${path} on port ${port}: ${expected}`,
      async () => (await this.served(port, path).catch(String)) === expected,
    );
  }

  async served(port: number, path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${await response.text()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#envoys.map(envoy => envoy.stop()));
    await this.fleet.close();
    await this.upstream.close();
  }
}

/** A path that Envoy refuses, in a plan of {@link planOf}: translation would not let one through. */
export const REFUSED = { type: 'RegularExpression', value: '/refused-by-envoy' };

export function planOf(manifests: string): Plan {
  const plan = translated(manifests);
  const refused = (route: Route): Route =>
    route.match.path.value === REFUSED.value
      ? { ...route, match: { ...route.match, path: { ...route.match.path, value: '/(' } } }
      : route;
  const servers = plan.servers.map(server => ({
    ...server,
    listeners: server.listeners.map(listener => ({
      ...listener,
      virtualHosts: listener.virtualHosts.map(host => ({ ...host, routes: host.routes.map(refused) })),
    })),
  }));
  return { ...plan, servers, version: planVersion({ ...plan, servers }) };
}

export function gateway(name: string, port: number, backend: number, path: object): string {
  return `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: ${name} }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: ${backend} } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: ${name} }]
  rules:
    - matches: [{ path: ${JSON.stringify(path)} }]
      backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: ${name} }]
`;
}

/** One more route of a Gateway of {@link gateway}. */
export function route(name: string, of: string, path: object): string {
  return `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: ${of} }]
  rules:
    - matches: [{ path: ${JSON.stringify(path)} }]
      backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: ${of} }]
`;
}

export const CLASS = `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
`;

export const prefix = (value: string) => ({ type: 'PathPrefix', value });
