import { type BootstrapOptions, bootstrapJson } from '../../../src/envoy/envoy-bootstrap.ts';
import type { XdsEvent } from '../../../src/envoy/xds/events.ts';
import { makeSnapshot, type Snapshot } from '../../../src/envoy/xds/snapshot.ts';
import { XdsServer } from '../../../src/envoy/xds/xds-server.ts';
import type { ControlPlaneTls } from '../../../src/tls/mutual-tls.ts';
import { EnvoyProcess } from '../../support/envoy-process.ts';
import { until } from '../../support/until.ts';
import { resources, type Services } from './resources.ts';
import { Upstream } from './upstream.ts';

export type Protocol = 'delta' | 'state-of-the-world';

/** A control plane, Envoys that obey it, and upstreams; all are stopped with the test. */
export class Scene {
  readonly events: XdsEvent[] = [];
  readonly nacks: {
    readonly node: string;
    readonly type: string;
    readonly message: string;
    readonly names: readonly string[];
  }[] = [];
  readonly acks: string[] = [];
  readonly protocol: Protocol;
  xds!: XdsServer;
  readonly #stops: (() => unknown)[] = [];

  readonly #tls: ControlPlaneTls | undefined;

  private constructor(protocol: Protocol, tls: ControlPlaneTls | undefined) {
    this.protocol = protocol;
    this.#tls = tls;
  }

  static async run(
    protocol: Protocol,
    body: (scene: Scene) => Promise<void>,
    tls?: ControlPlaneTls,
  ): Promise<void> {
    const scene = new Scene(protocol, tls);
    try {
      await scene.control(0);
      await body(scene);
    } finally {
      for (const stop of scene.#stops.reverse()) await stop();
      await scene.xds.close();
    }
  }

  /** Starts the control plane, after a stop again on the port that it had. */
  async control(port: number): Promise<void> {
    this.xds = await XdsServer.start({
      host: '127.0.0.1',
      port,
      ...(this.#tls && { tls: this.#tls }),
      onEvent: event => this.events.push(event),
      onAck: (_node, { type }) => this.acks.push(type),
      onNack: (node, { type, message, names }) => this.nacks.push({ node: node.id, type, message, names }),
    });
  }

  async envoy(nodeId: string, more: Pick<BootstrapOptions, 'transportSocket'> = {}): Promise<EnvoyProcess> {
    const xds = { host: '127.0.0.1', port: this.xds.port };
    const admin = { host: '127.0.0.1', port: 0 };
    const config = bootstrapJson({
      nodeId,
      nodeCluster: 'test',
      xds,
      admin,
      protocol: this.protocol,
      ...more,
    });
    const envoy = await EnvoyProcess.start(config);
    this.#stops.push(() => envoy.stop());
    return envoy;
  }

  async upstream(name: string): Promise<Upstream> {
    const upstream = await Upstream.start(name);
    this.#stops.push(() => upstream.stop());
    return upstream;
  }

  tell(services: Services): Snapshot {
    const snapshot = makeSnapshot(resources(services));
    this.xds.setSnapshot(snapshot);
    return snapshot;
  }

  async settled(envoys = 1): Promise<void> {
    await until('every Envoy has answered everything', () => {
      const connected = this.xds.connected();
      return connected.length === envoys && connected.every(({ settled }) => settled) ? true : undefined;
    });
  }
}

/** Body of a request over a connection of its own; the status in front where it is not 200. */
export async function ask(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  const body = await response.text();
  return response.status === 200 ? body : `${response.status} ${body}`;
}
