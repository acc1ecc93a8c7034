import type { Plan, PlaneReport, PoolHolders, Server, ServerReport } from '../../plan/index.ts';
import { SDS_FOLDER } from '../../wire/control-plane-files.ts';
import type { ExtProcBounds } from '../ext-proc/bounds.ts';
import { ExtProcServer } from '../ext-proc/server.ts';
import { PickerState } from '../ext-proc/state.ts';
import type { ControlPlaneTls } from '../grpc/control-plane-tls.ts';
import { LINGER_MS, Lingering } from '../lingering.ts';
import { planeCounts } from '../plane-counts.ts';
import { replicaPickers } from '../resources/picker-places.ts';
import { planMessages } from '../resources/plan-messages.ts';
import { type ConnectedEnvoy, XdsServer } from '../xds/server.ts';
import { makeSnapshot, type Snapshot } from '../xds/snapshot.ts';
import { addFleetMetrics } from './fleet-metrics.ts';
import { type GatewayPart, gatewayOf, gatewayParts } from './gateway-parts.ts';
import { GatewayState, standingOf } from './gateway-state.ts';
import { proxyPort } from './proxy-port.ts';

export interface EnvoyFleetOptions {
  /** Where both servers listen. */
  readonly address: string;
  /** 0: a free one. */
  readonly xdsPort: number;
  readonly pickerPort: number;
  /** Envoys and this side know each other by certificates; undefined: plain text. */
  readonly tls: ControlPlaneTls | undefined;
  /** Where Envoys have their SDS files. Default: as in the Pods that are made for Gateways. */
  readonly sdsFolder?: string;
  /** The URI that the certificate of a Gateway's Envoys is for. @param gateway `NAMESPACE/NAME` */
  readonly uriOf?: (gateway: string) => string;
  /** Which replica holds which pool's permits. */
  readonly holders: PoolHolders;
  readonly pickerBounds?: Partial<ExtProcBounds>;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
}

const NOTHING: Snapshot = makeSnapshot({});
/** What Envoys bind in their Pods. */
const EVERYWHERE = '0.0.0.0';

/**
 * The Envoy data plane of a cluster: the Envoys of each Gateway connect by themselves, are told their Gateway's part of the plan, and
 * ask the picker that holds the pool. A Gateway whose Envoys refuse what they were told keeps its last good state; the others go on.
 */
export class EnvoyFleet {
  readonly kind = 'envoy';
  readonly #options: EnvoyFleetOptions;
  readonly #picker: PickerState;
  readonly #gateways = new Map<string, GatewayState>();
  readonly #lingering = new Lingering();
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #extProc!: ExtProcServer;
  #xds!: XdsServer;
  #plan: Plan | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;
  /** What {@link report} was when listeners were told. */
  #told = '';
  #scheduled = false;

  private constructor(options: EnvoyFleetOptions) {
    this.#options = options;
    const { onEvent, holders, pickerBounds } = options;
    this.#picker = new PickerState({
      onEvent,
      clearRouteCache: true,
      asksOthers: true,
      holders,
      ...(pickerBounds && { bounds: pickerBounds }),
    });
    this.#unsubscribe = holders.onChange(() => this.#moved());
  }

  /** @throws the error of listen(2) */
  static async start(options: EnvoyFleetOptions): Promise<EnvoyFleet> {
    const made = new EnvoyFleet(options);
    await made.#start();
    return made;
  }

  async #start(): Promise<void> {
    const { address, xdsPort, pickerPort, tls, uriOf, onEvent } = this.#options;
    const picker = this.#picker;
    this.#extProc = await ExtProcServer.start({
      address,
      port: pickerPort,
      tls,
      desk: picker.desk,
      targetOf: cluster => (cluster === undefined ? undefined : picker.cluster(cluster)),
      reported: entry => picker.reported(entry),
      onEvent,
    });
    this.#xds = await XdsServer.start({
      host: address,
      port: xdsPort,
      ...(tls && { tls }),
      groupOf: ({ cluster }) => (this.#gateways.has(cluster) ? cluster : undefined),
      ...(uriOf && {
        impostor: ({ cluster }, uris) =>
          uris.includes(uriOf(cluster))
            ? undefined
            : `it says that it is of Gateway ${JSON.stringify(cluster)}, and its certificate is for ${uris.join(', ') || 'none'}`,
      }),
      onAck: () => this.#heard(),
      onNack: ({ id, cluster }, { message }) => {
        onEvent(`Envoy ${id} of Gateway ${cluster} refuses its configuration: ${message}`, 'error');
        this.#heard();
      },
      onEvent: ({ kind, peer, node, message }) => {
        this.#heard();
        const severity = kind === 'connected' || kind === 'disconnected' ? 'info' : 'warning';
        onEvent(`xDS ${peer}${node === undefined ? '' : ` (${node})`}: ${message}`, severity);
      },
    });
  }

  get xdsPort(): number {
    return this.#xds.port;
  }

  get pickerPort(): number {
    return this.#extProc.port;
  }

  /** For connections that come from now on. */
  setTls(tls: ControlPlaneTls): void {
    this.#xds.setTls(tls);
    this.#extProc.setCertificate(tls);
  }

  /** Tells all Envoys at once; what they make of it is in later {@link report}s. Throws RangeError when a table is full. */
  async apply(plan: Plan): Promise<PlaneReport> {
    if (this.#plan !== undefined && this.#plan.version !== plan.version)
      this.#lingering.leave(this.#plan, performance.now());
    this.#plan = plan;
    this.#applyPicker();
    const parts = gatewayParts(plan);
    for (const [name, part] of parts)
      if (this.#gateways.get(name)?.wanted.version !== part.version) this.#tell(name, part);
    for (const name of this.#gateways.keys()) if (!parts.has(name)) this.#drop(name);
    clearTimeout(this.#lingerTimer);
    this.#lingerTimer = setTimeout(() => this.#applyPicker(), LINGER_MS + 1).unref();
    const report = this.report();
    this.#told = JSON.stringify(report);
    return report;
  }

  /** How the Envoys stand now. */
  report(): PlaneReport {
    const plan = this.#plan;
    if (plan === undefined) return { version: '', servers: [] };
    const troubles = new Map<string, string | undefined>();
    const envoys = this.#envoys();
    for (const [name, state] of this.#gateways)
      troubles.set(name, state.trouble(standingOf(envoys.get(name) ?? [])));
    return {
      version: plan.version,
      servers: plan.servers.map(server => this.#serverReport(server, troubles, envoys)),
    };
  }

  /** Called when {@link report} has changed without a plan. Returns what ends the subscription. */
  onReport(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The decision about a request to a pool that this replica's picker had lately. */
  async explain(requestId: string): Promise<unknown> {
    return this.#picker.explain(requestId);
  }

  async snapshot() {
    return planeCounts(this.#plan, this.#picker.snapshot(), new Map());
  }

  async metricsText(): Promise<string> {
    return this.#picker.metricsText(
      registry => {
        this.#extProc.addMetrics(registry);
        this.#xds.addMetrics(registry);
        addFleetMetrics(registry, this.#xds.connected());
      },
      await this.snapshot(),
    );
  }

  /** Takes no new requests; resolves when none are in flight behind this picker, or after the time. */
  async drain(timeoutMs: number): Promise<void> {
    await this.#extProc.drain(timeoutMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#lingerTimer);
    this.#unsubscribe();
    await Promise.all([this.#xds.close(), this.#extProc.close(), this.#picker.close()]);
  }

  /** Streams of Gateways that keep their last good state ask by its names. */
  #applyPicker(): void {
    if (this.#plan === undefined) return;
    for (const { refusal, good } of this.#gateways.values())
      if (refusal !== undefined && good !== undefined) this.#lingering.leave(good.part, performance.now());
    this.#picker.apply(this.#lingering.union(this.#plan, performance.now()));
  }

  #tell(name: string, part: GatewayPart): void {
    const state = this.#gateways.get(name);
    const snapshot = this.#snapshot(part, state?.told);
    if (state === undefined) this.#gateways.set(name, new GatewayState(part, snapshot));
    else state.want(part, snapshot);
    this.#xds.setSnapshot(snapshot, name);
  }

  #snapshot(part: GatewayPart, previous: Snapshot | undefined): Snapshot {
    const { holders, tls, pickerPort, sdsFolder = SDS_FOLDER } = this.#options;
    const bindings = new Map(
      part.servers.map(server => [server.name, { address: EVERYWHERE, port: proxyPort(server) }]),
    );
    const pickers = replicaPickers({
      pools: part.pools.map(({ name }) => name),
      holderOf: pool => holders.holderOf(pool),
      port: pickerPort === 0 ? this.#extProc.port : pickerPort,
      sdsFolder: tls && sdsFolder,
    });
    return makeSnapshot(planMessages(part, { bindings, pickers }), previous);
  }

  /** The Gateway is gone; Envoys of it that are still there serve nothing more. */
  #drop(name: string): void {
    this.#xds.setSnapshot(NOTHING, name);
    this.#gateways.delete(name);
  }

  /** The permits of some pools are held elsewhere now. */
  #moved(): void {
    for (const [name, { wanted, refusal, good, told }] of this.#gateways) {
      const part = refusal === undefined ? wanted : good?.part;
      if (part === undefined || part.pools.length === 0) continue;
      const state = this.#gateways.get(name) as GatewayState;
      const snapshot = this.#snapshot(part, told);
      state.told = snapshot;
      if (refusal !== undefined) state.good = { part, snapshot };
      this.#xds.setSnapshot(snapshot, name);
    }
  }

  /** An Envoy has answered, come or gone. One look for all that came together. */
  #heard(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#look();
    });
  }

  #look(): void {
    const envoys = this.#envoys();
    for (const [name, state] of this.#gateways) {
      const back = state.note(standingOf(envoys.get(name) ?? []));
      if (back === undefined) continue;
      this.#xds.setSnapshot(back, name);
      this.#applyPicker();
    }
    const text = JSON.stringify(this.report());
    if (text === this.#told) return;
    this.#told = text;
    for (const listener of this.#listeners) listener();
  }

  #envoys(): Map<string, ConnectedEnvoy[]> {
    return Map.groupBy(this.#xds.connected(), ({ group }) => group);
  }

  #serverReport(
    server: Server,
    troubles: ReadonlyMap<string, string | undefined>,
    envoys: ReadonlyMap<string, unknown>,
  ): ServerReport {
    const { name } = server;
    const gateway = gatewayOf(server);
    const error = troubles.get(gateway);
    const bound = { address: EVERYWHERE, port: proxyPort(server) };
    if (error === undefined) return { name, bound };
    return envoys.has(gateway) ? { name, error } : { name, error, elsewhere: bound };
  }
}
