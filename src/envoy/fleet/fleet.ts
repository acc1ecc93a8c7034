import {
  guarded,
  monotonicMs,
  nextTurn,
  startTimer,
  stopTimer,
  type Timer,
  toldAs,
} from '../../kernel/index.ts';
import { LeftOutLog } from '../../picker/index.ts';
import { type LeftOut, leftOutOf, modelHeadersOf, type Plan, type PlaneReport } from '../../plan/index.ts';
import { reducedPlan } from '../../request/index.ts';
import { type ControlPlaneTls, SDS_FOLDER } from '../../tls/index.ts';
import { ExtProcServer } from '../ext-proc/ext-proc-server.ts';
import { PickerState } from '../ext-proc/picker-state.ts';
import { planeCounts } from '../plane-counts.ts';
import { replicaPickers } from '../resources/picker-places.ts';
import { planMessages } from '../resources/plan-messages.ts';
import { RETIRED_MS, RetiredPlans } from '../retired-plans.ts';
import { Walls } from '../walls/walls.ts';
import { makeSnapshot, type Snapshot } from '../xds/snapshot.ts';
import { XdsServer } from '../xds/xds-server.ts';
import { addFleetMetrics } from './fleet-metrics.ts';
import type { EnvoyFleetOptions } from './fleet-options.ts';
import { type GatewayPart, gatewayParts } from './gateway-parts.ts';
import { Gateways } from './gateways.ts';
import { OtherReplicas } from './other-replicas.ts';
import { PickerRights } from './picker-rights.ts';
import { EVERYWHERE, planeReport } from './plane-report.ts';
import { proxyPort } from './proxy-port.ts';
import { reportText } from './report-text.ts';

const LOOPBACK = '127.0.0.1';

/**
 * The Envoy data plane of a cluster: the Envoys of each Gateway connect by themselves, are told their Gateway's part of the plan, and
 * ask the picker that holds the pool. What an Envoy refuses, the Envoys of its Gateway are not told; all else is served.
 */
export class EnvoyFleet {
  readonly kind = 'envoy';
  readonly #options: EnvoyFleetOptions;
  readonly #picker: PickerState;
  readonly #gateways: Gateways;
  readonly #others: OtherReplicas;
  /** Undefined: Envoys cannot be told apart. */
  readonly #rights: PickerRights | undefined;
  readonly #retired = new RetiredPlans();
  /** For what cannot be written. */
  readonly #walls = new Walls();
  readonly #leftOutLog: LeftOutLog;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: readonly (() => void)[];
  /** Present from its start on, as is the next. */
  #extProc!: ExtProcServer;
  #xds!: XdsServer;
  #plan: Plan | undefined;
  /** As it was given; {@link #plan} may have addresses in the place of its names. */
  #named: Plan | undefined;
  /** What of it the picker's tables have no room for. */
  #beyond: readonly LeftOut[] = [];
  #retiredTimer: Timer | undefined;
  /** What {@link report} was when listeners were told. */
  #told = '';
  #scheduled = false;

  private constructor(options: EnvoyFleetOptions) {
    this.#options = options;
    const { onEvent, owners, replicas, retry, tls, uriOf, pickerBounds, tableRows } = options;
    this.#leftOutLog = new LeftOutLog(onEvent);
    this.#picker = new PickerState({
      onEvent,
      clearRouteCache: true,
      operators: 'marked',
      asksOthers: true,
      owners,
      ...(pickerBounds && { bounds: pickerBounds }),
      ...(tableRows !== undefined && { tableRows }),
    });
    this.#gateways = new Gateways({
      xds: () => this.#xds,
      writer: {
        snapshotOf: (part, previous) => this.#snapshot(part, previous, false),
        unwritable: part => this.#walls.leftOut(part),
      },
      endingOf: (part, previous) => this.#snapshot(part, previous, true),
      ...(retry && { retry }),
      onFault: toldAs(onEvent),
      onRefusal: (gateway, id, message) =>
        onEvent(`Envoy ${id} of Gateway ${gateway} refuses a part of its configuration: ${message}`, 'error'),
    });
    this.#others = new OtherReplicas(replicas);
    this.#rights = tls && uriOf && new PickerRights(uriOf);
    options.names?.onChange(
      guarded('new addresses of host names', toldAs(onEvent), () => {
        if (this.#named !== undefined) this.#apply(this.#named);
      }),
    );
    this.#unsubscribe = [
      owners.onChange(() => this.#gateways.moved()),
      replicas?.onReports(() => this.#changed()) ?? (() => {}),
    ];
  }

  /** @throws the error of listen(2) */
  static async start(options: EnvoyFleetOptions): Promise<EnvoyFleet> {
    const made = new EnvoyFleet(options);
    try {
      await made.#start();
      return made;
    } catch (error) {
      await made.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { address, xdsPort, pickerPort, tls, uriOf, onEvent } = this.#options;
    const picker = this.#picker;
    const rights = this.#rights;
    this.#extProc = await ExtProcServer.start({
      address,
      port: pickerPort,
      tls,
      context: picker.context,
      targetOf: cluster => (cluster === undefined ? undefined : picker.cluster(cluster)),
      ...(rights && { mayAsk: (uris, cluster) => rights.allows(uris, cluster, monotonicMs()) }),
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
      onAck: () => this.#changed(),
      onNack: () => this.#changed(),
      onEvent: ({ kind, peer, node, message }) => {
        this.#changed();
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

  /** Tells all Envoys at once; what they make of it is in later {@link report}s. */
  async apply(plan: Plan): Promise<PlaneReport> {
    await this.#options.names?.follow(plan);
    return this.#apply(plan);
  }

  #apply(named: Plan): PlaneReport {
    const plan = this.#options.names?.use(named) ?? named;
    this.#named = named;
    if (this.#plan !== undefined && this.#plan.version !== plan.version)
      this.#retired.leave(this.#plan, monotonicMs());
    const beyond = this.#picker.beyond(this.#retired.union(plan, monotonicMs()));
    this.#plan = plan;
    this.#beyond = leftOutOf(plan, beyond);
    this.#applyPicker();
    // Before Envoys are told what to ask.
    const parts = gatewayParts(beyond.size === 0 ? plan : reducedPlan(plan, part => beyond.has(part)));
    this.#rights?.apply([...this.#gateways.parts(), ...parts], monotonicMs());
    this.#gateways.apply(parts);
    this.#rights?.apply(this.#gateways.parts(), monotonicMs());
    stopTimer(this.#retiredTimer);
    const task = 'forgetting what no plan has any more';
    const forget = guarded(task, toldAs(this.#options.onEvent), () => this.#applyPicker());
    this.#retiredTimer = startTimer(RETIRED_MS + 1, forget).unref();
    const reports = this.#gateways.reports();
    this.#options.replicas?.publish(reportText(reports));
    const report = this.report(reports);
    this.#told = JSON.stringify(report);
    this.#leftOutLog.tell(report.leftOut ?? []);
    return report;
  }

  /**
   * The Pods of these Envoys are to end. They go on serving whoever comes as long as they may, with `connection: close` or GOAWAY.
   * @param pods `NAMESPACE/NAME`; Envoys are in their Gateway's namespace, and say their Pod's name
   */
  end(pods: ReadonlySet<string>): void {
    this.#gateways.end(({ node, group }) => pods.has(`${group.slice(0, group.indexOf('/'))}/${node.id}`));
  }

  /** How the Envoys stand now, those of other replicas too. */
  report(reports = this.#gateways.reports()): PlaneReport {
    const plan = this.#plan;
    if (plan === undefined) return { version: '', servers: [] };
    return planeReport(plan, reports, name => this.#others.of(name), this.#beyond);
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
        addFleetMetrics(registry, this.#gateways);
      },
      await this.snapshot(),
    );
  }

  /** Takes no new requests; resolves when none are in flight behind this picker, or after the time. */
  async drain(timeoutMs: number): Promise<void> {
    await this.#extProc.drain(timeoutMs);
  }

  async close(): Promise<void> {
    stopTimer(this.#retiredTimer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#gateways.close();
    this.#options.names?.close();
    await Promise.all([this.#xds?.close(), this.#extProc?.close(), this.#picker.close()]);
  }

  /** Streams of Gateways that keep their last good state ask by its names. */
  #applyPicker(): void {
    if (this.#plan === undefined) return;
    for (const part of this.#gateways.kept()) this.#retired.leave(part, monotonicMs());
    this.#rights?.apply(this.#gateways.parts(), monotonicMs());
    this.#picker.apply(this.#retired.union(this.#plan, monotonicMs()));
  }

  #snapshot(part: GatewayPart, previous: Snapshot | undefined, ending: boolean): Snapshot {
    const { owners, tls, pickerPort, self = LOOPBACK, sdsFolder = SDS_FOLDER } = this.#options;
    const byModel = part.servers.some(({ listeners }) => modelHeadersOf(listeners).length > 0);
    const bindings = new Map(
      part.servers.map(server => [server.name, { address: EVERYWHERE, port: proxyPort(server), ending }]),
    );
    const pickers = replicaPickers({
      plan: part,
      ownerOf: pool => owners.ownerOf(pool),
      self,
      port: pickerPort === 0 ? this.#extProc.port : pickerPort,
      otherwise: byModel ? self : undefined,
      sdsFolder: tls && sdsFolder,
    });
    // What cannot be written as a message costs itself alone.
    return this.#walls.build(part, of => makeSnapshot(planMessages(of, { bindings, pickers }), previous));
  }

  /** An Envoy has answered, come or gone. One look for all that came together. */
  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    nextTurn(() => {
      this.#scheduled = false;
      this.#look();
    });
  }

  #look(): void {
    this.#others.look();
    if (this.#gateways.look(name => this.#others.of(name), monotonicMs())) this.#applyPicker();
    const reports = this.#gateways.reports();
    this.#options.replicas?.publish(reportText(reports));
    const report = this.report(reports);
    const text = JSON.stringify(report);
    if (text === this.#told) return;
    this.#told = text;
    this.#leftOutLog.tell(report.leftOut ?? []);
    for (const listener of this.#listeners) listener();
  }
}
