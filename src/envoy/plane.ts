import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LimitCounts } from '../picker/index.ts';
import type { Plan, PlaneReport, Server, ServerReport } from '../plan/index.ts';
import { bootstrapJson } from './bootstrap.ts';
import { ExtProcServer } from './ext-proc/server.ts';
import { PickerState } from './ext-proc/state.ts';
import { EnvoyAdmin } from './process/admin.ts';
import {
  CLUSTER_STATS_PATH,
  type ClusterStats,
  limitCountsOf,
  parseClusterStats,
} from './process/cluster-stats.ts';
import { EnvoyProcess } from './process/envoy-process.ts';
import { Settling } from './process/settled.ts';
import type { BoundAt } from './resources/listener.ts';
import { planMessages } from './resources/plan-messages.ts';
import { XdsServer } from './xds/server.ts';
import { makeSnapshot, type Snapshot } from './xds/snapshot.ts';

const LOOPBACK = '127.0.0.1';

export interface EnvoyPlaneOptions {
  /** Of the executable. */
  readonly envoyPath: string;
  /** Worker threads of Envoy; default: its own, the machine's cores. */
  readonly concurrency?: number | undefined;
  /** Finds a place to listen for each server. @param current where they listen now */
  readonly findPorts: (
    servers: readonly Server[],
    current: ReadonlyMap<string, BoundAt>,
  ) => Promise<{
    readonly bindings: ReadonlyMap<string, BoundAt>;
    readonly servers: readonly ServerReport[];
  }>;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
  /** A line of Envoy's own log, its access log included. */
  readonly onLog: (line: string) => void;
}

/** Envoy has so long to take a plan: the first time it is still starting. */
const SETTLE_MS = 20_000;
const LISTENING_MS = 5_000;
const POLL_MS = 20;

/** The Envoy data plane on one machine: a real Envoy is told the plan over xDS, and asks our picker over ext_proc. */
export class EnvoyPlane {
  readonly #options: EnvoyPlaneOptions;
  readonly #folder: string;
  readonly #picker: PickerState;
  readonly #extProc: ExtProcServer;
  readonly #xds: XdsServer;
  readonly #settling: Settling;
  readonly #envoy: EnvoyProcess;
  readonly #admin: EnvoyAdmin;
  #bindings: ReadonlyMap<string, BoundAt> = new Map();
  #snapshot: Snapshot | undefined;
  #plan: Plan | undefined;
  #report: PlaneReport = { version: '', servers: [] };

  private constructor(
    options: EnvoyPlaneOptions,
    parts: { picker: PickerState; extProc: ExtProcServer; xds: XdsServer; settling: Settling },
  ) {
    this.#options = options;
    this.#picker = parts.picker;
    this.#extProc = parts.extProc;
    this.#xds = parts.xds;
    this.#settling = parts.settling;
    this.#folder = mkdtempSync(join(tmpdir(), 'breakwater-envoy-'));
    const bootstrapFile = join(this.#folder, 'bootstrap.json');
    const adminAddressFile = join(this.#folder, 'admin-address');
    const json = bootstrapJson({
      nodeId: `breakwater-${process.pid}`,
      nodeCluster: 'breakwater',
      xds: { host: LOOPBACK, port: this.#xds.port },
      admin: { host: LOOPBACK, port: 0 },
    });
    writeFileSync(bootstrapFile, JSON.stringify(json, undefined, 2), { mode: 0o600 });
    this.#admin = new EnvoyAdmin(adminAddressFile);
    this.#envoy = new EnvoyProcess({
      path: options.envoyPath,
      bootstrapFile,
      adminAddressFile,
      concurrency: options.concurrency,
      onLog: options.onLog,
      onStart: () => {},
      onCrash: (reason, restartInMs) =>
        options.onEvent(`Envoy ended (${reason}); it is started again in ${restartInMs} ms`, 'error'),
    });
  }

  /** @throws Error when a port of its own cannot be bound */
  static async start(options: EnvoyPlaneOptions): Promise<EnvoyPlane> {
    const { onEvent } = options;
    const settling = new Settling();
    const picker = new PickerState({ onEvent, clearRouteCache: true, graceMs: 0 });
    const extProc = await ExtProcServer.start({
      address: LOOPBACK,
      port: 0,
      tls: undefined,
      desk: picker.desk,
      targetOf: cluster => (cluster === undefined ? undefined : picker.cluster(cluster)),
      onEvent,
    });
    const xds = await XdsServer.start({
      host: LOOPBACK,
      port: 0,
      onAck: () => settling.changed(),
      onNack: () => settling.changed(),
      onEvent: ({ kind, peer, message }) => {
        settling.changed();
        if (kind !== 'connected' && kind !== 'disconnected') onEvent(`xDS ${peer}: ${message}`, 'warning');
      },
    });
    return new EnvoyPlane(options, { picker, extProc, xds, settling });
  }

  /** Takes over the whole plan or none of it. One at a time. */
  async apply(plan: Plan): Promise<PlaneReport> {
    const found = await this.#options.findPorts(plan.servers, this.#bindings);
    const before = this.#snapshot;
    try {
      this.#picker.apply(plan);
      const messages = planMessages(plan, {
        bindings: found.bindings,
        picker: { address: LOOPBACK, port: this.#extProc.port },
      });
      const snapshot = makeSnapshot(messages, before);
      this.#xds.setSnapshot(snapshot);
      const outcome = await this.#settling.wait(this.#xds, SETTLE_MS);
      if (outcome.kind === 'refused') throw new Error(`Envoy refused it: ${outcome.messages.join('; ')}`);
      if (outcome.kind === 'silent') throw new Error(`Envoy has not taken it within ${SETTLE_MS / 1000} s`);
      await Promise.all([...found.bindings.values()].map(isListening));
      this.#snapshot = snapshot;
      this.#bindings = found.bindings;
      this.#plan = plan;
      this.#report = { version: plan.version, servers: found.servers };
      return this.#report;
    } catch (error) {
      // The last good state goes on, everywhere.
      if (before !== undefined) this.#xds.setSnapshot(before);
      if (this.#plan !== undefined) this.#picker.apply(this.#plan);
      return { ...this.#report, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The decision about a request to a pool that the picker had lately. */
  async explain(requestId: string): Promise<unknown> {
    return this.#picker.explain(requestId);
  }

  async snapshot() {
    const { limits, endpoints } = this.#picker.snapshot();
    const stats = await this.#stats();
    const ofPools = new Set(
      this.#plan?.clusters.filter(({ kind }) => kind === 'pool').flatMap(c => [c.limit, c.poolLimit]),
    );
    const picked = new Map(limits.map(counts => [counts.scope, counts]));
    return {
      limits: (this.#plan?.limits ?? []).map(scope => {
        const counted = limitCountsOf(scope, stats);
        const own = picked.get(scope.name);
        return own !== undefined && ofPools.has(scope.name) ? together(own, counted) : counted;
      }),
      endpoints,
    };
  }

  metricsText(): Promise<string> {
    return this.#picker.metricsText(registry => this.#extProc.addMetrics(registry));
  }

  /** Envoy takes no more connections; resolves when no request is in flight, or after the time. */
  async drain(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    try {
      await this.#admin.post('/drain_listeners?graceful&skip_exit');
      while ((await this.#inFlight()) > 0 && performance.now() < deadline) await pause(POLL_MS * 5);
    } catch {
      // An Envoy that is gone has nothing in flight.
    }
  }

  async close(): Promise<void> {
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

  async #inFlight(): Promise<number> {
    const text = await this.#admin.get(
      `/stats?filter=${encodeURIComponent('^http\\..*downstream_rq_active$')}`,
    );
    let active = 0;
    for (const line of text.split('\n'))
      if (line.startsWith('http.') && !line.startsWith('http.admin.'))
        active += Number(line.slice(line.lastIndexOf(' ') + 1));
    return active;
  }
}

/** What the picker counts exactly, and what only Envoy knows. */
function together(picker: LimitCounts, envoy: LimitCounts): LimitCounts {
  const overflow: Record<string, number> = { ...envoy.overflow };
  for (const [limit, refused] of Object.entries(picker.overflow))
    overflow[limit] = (overflow[limit] ?? 0) + refused;
  return { ...envoy, active: picker.active, overflow };
}

/** Envoy says that it has taken a listener before its workers listen. */
async function isListening({ address, port }: BoundAt): Promise<void> {
  const deadline = performance.now() + LISTENING_MS;
  for (;;) {
    if (await accepts(address, port)) return;
    if (performance.now() > deadline) throw new Error(`Envoy does not listen on ${address}:${port}`);
    await pause(POLL_MS);
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: host === '0.0.0.0' ? LOOPBACK : host === '::' ? '::1' : host, port });
    const end = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
