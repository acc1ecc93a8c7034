import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guarded, monotonicMs, sleep, startTimer, stopTimer, type Timer, toldAs } from '../kernel/index.ts';
import { LeftOutLog } from '../picker/index.ts';
import {
  leftOutOf,
  type Part,
  type Plan,
  type PlaneReport,
  refusedServers,
  reportOf,
} from '../plan/index.ts';
import { bootstrapJson } from './envoy-bootstrap.ts';
import type { EnvoyPlaneOptions } from './envoy-plane-options.ts';
import { ExtProcServer } from './ext-proc/ext-proc-server.ts';
import { PickerState } from './ext-proc/picker-state.ts';
import { newBearer } from './grpc/bearer.ts';
import { planeCounts } from './plane-counts.ts';
import { EnvoyAdmin } from './process/admin.ts';
import { CLUSTER_STATS_PATH, type ClusterStats, parseClusterStats } from './process/cluster-stats.ts';
import { EnvoyProcess } from './process/envoy-process.ts';
import { isListening } from './process/listening.ts';
import { messagesOf, Settling } from './process/settled.ts';
import { makeSocketFolder } from './process/socket-folder.ts';
import type { BoundAt } from './resources/listener/listener-message.ts';
import { onePicker } from './resources/picker-places.ts';
import { planMessages } from './resources/plan-messages.ts';
import { RETIRED_MS, RetiredPlans } from './retired-plans.ts';
import { Walls } from './walls/walls.ts';
import { makeSnapshot, type Snapshot } from './xds/snapshot.ts';
import { XdsServer } from './xds/xds-server.ts';

const LOOPBACK = '127.0.0.1';

/** Envoy has so long to take a plan: the first time it is still starting. */
const SETTLE_MS = 20_000;
/** An Envoy that has ended so often without a word to the control plane is not waited for. */
const GONE_AFTER_CRASHES = 2;
const LISTENING_MS = 5_000;
const DRAIN_POLL_MS = 100;
const NOTHING: Snapshot = makeSnapshot({});

/** The Envoy data plane on one machine: a real Envoy is told the plan over xDS, and asks our picker over ext_proc. */
export class EnvoyPlane {
  readonly kind = 'envoy';
  readonly #options: EnvoyPlaneOptions;
  readonly #folder: string;
  readonly #picker: PickerState;
  readonly #settling = new Settling(() => this.#xds?.connected() ?? []);
  readonly #admin: EnvoyAdmin;
  #extProc!: ExtProcServer;
  #xds!: XdsServer;
  #envoy!: EnvoyProcess;
  #bindings: ReadonlyMap<string, BoundAt> = new Map();
  #snapshot = NOTHING;
  #plan: Plan | undefined;
  #report: PlaneReport = { version: '', servers: [] };
  readonly #retired = new RetiredPlans();
  readonly #walls = new Walls();
  readonly #leftOutLog = new LeftOutLog((message, severity) => this.#options.onEvent(message, severity));
  readonly #forget = guarded(
    'forgetting what no plan has any more',
    fault => toldAs(this.#options.onEvent)(fault),
    () => this.#forgetNow(),
  );
  #retiredTimer: Timer | undefined;
  #applying = false;
  #crashes = 0;
  #crashesInRow = 0;

  private constructor(options: EnvoyPlaneOptions) {
    this.#options = options;
    this.#picker = new PickerState({
      ...(options.tableRows !== undefined && { tableRows: options.tableRows }),
      onEvent: options.onEvent,
      clearRouteCache: true,
      operators: 'marked',
      graceMs: 0,
      asksOthers: true,
      ...(options.pickerBounds && { bounds: options.pickerBounds }),
    });
    this.#folder = makeSocketFolder();
    this.#admin = new EnvoyAdmin(this.#socket('admin'));
  }

  /** @throws Error when a port of its own cannot be bound; NoSocketFolder */
  static async start(options: EnvoyPlaneOptions): Promise<EnvoyPlane> {
    const made = new EnvoyPlane(options);
    await made.#start();
    return made;
  }

  async #start(): Promise<void> {
    const { onEvent, envoyPath, concurrency, logLevel, onLog } = this.#options;
    const picker = this.#picker;
    this.#extProc = await ExtProcServer.start({
      address: LOOPBACK,
      port: 0,
      path: this.#socket('picker'),
      tls: undefined,
      context: picker.context,
      targetOf: cluster => (cluster === undefined ? undefined : picker.cluster(cluster)),
      reported: entry => picker.reported(entry),
      onEvent,
    });
    // Other users of this machine reach the port too, and listeners have private keys.
    const authorization = newBearer();
    this.#xds = await XdsServer.start({
      host: LOOPBACK,
      port: 0,
      authorization,
      onAck: () => this.#settling.changed(),
      onNack: (_, { message }) => {
        // While a plan is given, what is refused is said of the plan.
        if (!this.#applying) onEvent(`Envoy refuses a part of what it had taken: ${message}`, 'error');
        this.#settling.changed();
      },
      onEvent: ({ kind, peer, node, message }) => {
        if (kind === 'connected') this.#crashesInRow = 0;
        if (kind === 'refused' && node !== undefined) this.#settling.gone(message);
        this.#settling.changed();
        if (kind !== 'connected' && kind !== 'disconnected') onEvent(`xDS ${peer}: ${message}`, 'warning');
      },
    });
    const bootstrapFile = join(this.#folder, 'bootstrap.json');
    const json = bootstrapJson({
      nodeId: `breakwater-${process.pid}`,
      nodeCluster: 'breakwater',
      xds: { host: LOOPBACK, port: this.#xds.port },
      authorization,
      admin: { path: this.#socket('admin') },
    });
    writeFileSync(bootstrapFile, JSON.stringify(json, undefined, 2), { mode: 0o600 });
    this.#envoy = new EnvoyProcess({
      path: envoyPath,
      bootstrapFile,
      concurrency,
      logLevel,
      onLog,
      onFault: toldAs(onEvent),
      onCrash: (reason, restartInMs) => {
        this.#crashes++;
        const ended = `Envoy ended (${reason})`;
        onEvent(`${ended}; it is started again in ${restartInMs} ms`, 'error');
        if (++this.#crashesInRow >= GONE_AFTER_CRASHES) this.#settling.gone(ended);
        void this.#reportWhenBack();
      },
    });
  }

  /** Only this user may open what is in the folder: other users of the machine reach what is on the loopback address. */
  #socket(name: string): string {
    return join(this.#folder, name);
  }

  async #reportWhenBack(): Promise<void> {
    const crashes = this.#crashes;
    const outcome = await this.#settling.wait(SETTLE_MS);
    if (outcome.kind !== 'taken' || crashes !== this.#crashes) return;
    await Promise.all([...this.#bindings.values()].map(at => isListening(at, LISTENING_MS))).then(
      () => this.#options.onEvent('Envoy serves again', 'info'),
      (error: Error) => this.#options.onEvent(error.message, 'error'),
    );
  }

  /** Takes over the whole plan or none of it. One at a time. */
  async apply(plan: Plan): Promise<PlaneReport> {
    this.#applying = true;
    stopTimer(this.#retiredTimer);
    try {
      const found = await this.#options.findPorts(plan.servers, this.#bindings);
      if (this.#plan !== undefined) this.#retired.leave(this.#plan, monotonicMs());
      const beyond = this.#picker.beyond(this.#retired.union(plan, monotonicMs()));
      const snapshot = await this.#settle(plan, beyond, found.bindings);
      const leftOut = leftOutOf(plan, [...this.#walls.leftOut(), ...beyond]);
      const refusals = refusedServers(plan, leftOut);
      const served = [...found.bindings].filter(([name]) => !refusals.has(name));
      await Promise.all(served.map(([, at]) => isListening(at, LISTENING_MS)));
      this.#snapshot = snapshot;
      this.#bindings = found.bindings;
      this.#plan = plan;
      this.#leftOutLog.tell(leftOut);
      this.#report = reportOf(plan, found.servers, leftOut);
      return this.#report;
    } catch (error) {
      // The last good state goes on, everywhere.
      this.#xds.setSnapshot(this.#snapshot);
      if (this.#plan !== undefined) this.#picker.apply(this.#retired.union(this.#plan, monotonicMs()));
      const { message } = error as Error;
      const none = this.#report.version === '';
      // Servers without a place are tried again.
      const servers = none
        ? plan.servers.map(({ name }) => ({ name, error: message }))
        : this.#report.servers;
      return { ...this.#report, servers, error: message };
    } finally {
      this.#applying = false;
      this.#retiredTimer = startTimer(RETIRED_MS, this.#forget).unref();
    }
  }

  /** Tells Envoy the plan until it has taken all of it but the parts that it refuses. */
  async #settle(
    plan: Plan,
    beyond: ReadonlyMap<Part, string>,
    bindings: ReadonlyMap<string, BoundAt>,
  ): Promise<Snapshot> {
    let told: Plan = this.#walls.begin(plan, beyond);
    for (;;) {
      const snapshot = this.#tell(told, bindings);
      const outcome = await this.#settling.wait(SETTLE_MS);
      if (outcome.kind === 'gone') throw new Error(outcome.why);
      if (outcome.kind === 'silent') throw new Error(`Envoy has not taken it within ${SETTLE_MS / 1000} s`);
      const next = outcome.kind === 'taken' ? this.#walls.taken() : this.#walls.refused(outcome.rejections);
      this.#xds.forgetRejections();
      if (next !== undefined) told = next;
      else if (outcome.kind === 'taken') return snapshot;
      else throw new Error(`Envoy says: ${messagesOf(outcome.rejections).join('; ')}`);
    }
  }

  /** Picker and Envoy get the plan, and what lingers of those before. */
  #tell(plan: Plan, bindings: ReadonlyMap<string, BoundAt>): Snapshot {
    const pickers = onePicker({ path: this.#socket('picker') });
    const make = (of: Plan) => makeSnapshot(planMessages(of, { bindings, pickers }), this.#snapshot);
    const union = this.#retired.union(plan, monotonicMs());
    const snapshot = this.#walls.build(union, make);
    this.#picker.apply(union);
    this.#xds.setSnapshot(snapshot);
    return snapshot;
  }

  /** Nothing has changed for so long that nothing lingers any more. */
  #forgetNow(): void {
    if (this.#plan !== undefined)
      this.#snapshot = this.#tell(this.#walls.reduced(this.#plan), this.#bindings);
  }

  /** The decision about a request to a pool that the picker had lately. */
  async explain(requestId: string): Promise<unknown> {
    return this.#picker.explain(requestId);
  }

  async snapshot() {
    return planeCounts(this.#plan, this.#picker.snapshot(), await this.#stats());
  }

  async metricsText(): Promise<string> {
    const counts = await this.snapshot();
    return this.#picker.metricsText(registry => {
      this.#extProc.addMetrics(registry);
      this.#xds.addMetrics(registry);
      registry
        .counter('breakwater_envoy_restarts_total', 'Times that Envoy ended by itself and was started again.')
        .inc(this.#crashes);
    }, counts);
  }

  /** Envoy takes no more connections; resolves when no request is in flight, or after the time. */
  async drain(timeoutMs: number): Promise<void> {
    const deadline = monotonicMs() + timeoutMs;
    try {
      // Answers say `connection: close` from now on; then the sockets that listen are closed.
      await this.#admin.post('/drain_listeners?graceful&skip_exit');
      await this.#admin.post('/drain_listeners');
      while ((await this.#admin.activeRequests()) > 0 && monotonicMs() < deadline) await sleep(DRAIN_POLL_MS);
    } catch {
      // An Envoy that is gone has nothing in flight.
    }
  }

  async close(): Promise<void> {
    stopTimer(this.#retiredTimer);
    await this.#envoy.close();
    await Promise.all([this.#xds.close(), this.#extProc.close(), this.#picker.close()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #stats(): Promise<ClusterStats> {
    try {
      return parseClusterStats(await this.#admin.get(CLUSTER_STATS_PATH));
    } catch {
      // It is starting again: it has nothing in use.
      return new Map();
    }
  }
}
