import { availableParallelism } from 'node:os';
import { ActiveChecks, EndpointTable, HealthTable, PoolScraping } from '../endpoints/index.ts';
import {
  ByteBudget,
  cpuLimit,
  defaultHeldBodyBytes,
  monotonicMs,
  random,
  startTimer,
  stopTimer,
  type Timer,
  threadsFor,
} from '../kernel/index.ts';
import { LimitTable } from '../limits/index.ts';
import { LeftOutLog, PrefixTable, ResponseOwners } from '../picker/index.ts';
import { type Acceptance, leftOutOf, type Plan, type PlaneReport, reportOf } from '../plan/index.ts';
import type { InUse } from '../plane/index.ts';
import {
  endpointCounts,
  limitCounts,
  PickCounters,
  RequestCounters,
  Rows,
  TABLE_ROWS,
  type Tables,
} from '../request/index.ts';
import { DEFAULT_PROXY_LIMITS, type ProxyLimits } from './defaults.ts';
import { type LookUp, lookUpWith } from './names/lookup.ts';
import { notOwn, type OwnerOf } from './names/not-own.ts';
import { Names } from './names/resolved-names.ts';
import { namesOf, resolvedPlan } from './names/resolved-plan.ts';
import { AssignedPorts } from './plane/assigned-ports.ts';
import type { BindOptions } from './plane/bind.ts';
import { HandoffCounts } from './plane/handoff-counts.ts';
import { Ports } from './plane/listening-ports.ts';
import { metricsText } from './plane/metrics.ts';
import { WorkerGroup } from './plane/worker-group.ts';
import type { Assignment, Binding } from './worker/messages.ts';

export interface EmbeddedPlaneOptions extends BindOptions {
  /** Services lead to the servers: each binds its `bindPort` alone. */
  readonly behindServices?: boolean;
  /** Behind Services: whose addresses names must not lead to. */
  readonly ownerOf?: OwnerOf;
  /** Threads; default: the machine's cores. */
  readonly workers?: number;
  /** Of all request bodies, over all workers. Default: see {@link defaultHeldBodyBytes}. */
  readonly heldBodyBytes?: number;
  readonly bounds?: ProxyLimits;
  /** Of the shared tables. Default: {@link TABLE_ROWS}. */
  readonly tableRows?: number;
  /** How host names are resolved; default: as the system does. */
  readonly lookUp?: LookUp;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
}

/** A plan waits no longer for the first answer about a name that is new; until it comes, the name has no endpoints. */
const FIRST_ANSWER_MS = 1000;
/** Names that change in the same moment are put in the plan together. */
const SETTLE_MS = 100;

const nobodys: OwnerOf = () => undefined;

/** The embedded data plane: workers that share their ports and their counters. */
export class EmbeddedPlane {
  readonly kind = 'embedded';
  readonly #ports: Ports | AssignedPorts;
  readonly #tables: Tables;
  readonly #requests: RequestCounters;
  readonly #externalPicks: PickCounters;
  readonly #rows: Rows;
  readonly #handoff: HandoffCounts;
  readonly #bodies: ByteBudget;
  readonly #workers: WorkerGroup;
  readonly #scraping: PoolScraping;
  readonly #checks: ActiveChecks;
  readonly #names: Names;
  readonly #leftOutLog: LeftOutLog;
  readonly #onEvent: EmbeddedPlaneOptions['onEvent'];
  #namesChanged = false;
  #settling: Timer | undefined;
  /** The last that began to be applied: one at a time. */
  #applying: Promise<unknown> = Promise.resolve();
  #bindings: ReadonlyMap<string, Binding> = new Map();
  /** As it was given; {@link #plan} has addresses in the place of its names. */
  #named: Plan | undefined;
  #plan: Plan | undefined;
  #report: PlaneReport = { version: '', servers: [] };

  private constructor(options: EmbeddedPlaneOptions) {
    this.#ports = options.behindServices === true ? new AssignedPorts(options.address) : new Ports(options);
    const count = options.workers ?? threadsFor(cpuLimit(), availableParallelism());
    const slots = options.tableRows ?? TABLE_ROWS;
    const limits = LimitTable.create({ workers: count + 1, slots });
    const endpoints = EndpointTable.create(count + 1, slots);
    const health = HealthTable.create(slots);
    this.#tables = { limits, endpoints, health };
    this.#rows = new Rows(limits, endpoints, health);
    this.#handoff = new HandoffCounts(this.#tables, this.#rows);
    const counters = RequestCounters.buffer(count + 1);
    this.#requests = new RequestCounters(counters, 0);
    const picks = PickCounters.buffer(count + 1);
    this.#externalPicks = new PickCounters(picks, 0);
    this.#bodies = ByteBudget.create(options.heldBodyBytes ?? defaultHeldBodyBytes(), count + 1);
    this.#workers = new WorkerGroup({
      count,
      limits,
      endpoints,
      bodies: this.#bodies,
      init: {
        bodies: this.#bodies.shared,
        limits: limits.shared,
        health: health.shared,
        endpoints: endpoints.shared,
        prefixes: PrefixTable.create().shared,
        owners: ResponseOwners.create().shared,
        counters,
        picks,
        bounds: options.bounds ?? DEFAULT_PROXY_LIMITS,
      },
      onEvent: options.onEvent,
    });
    this.#onEvent = options.onEvent;
    this.#leftOutLog = new LeftOutLog(options.onEvent);
    const lookUp = options.lookUp ?? lookUpWith({});
    this.#names = new Names({
      lookUp:
        options.behindServices === true
          ? notOwn(lookUp, options.onEvent, options.ownerOf ?? nobodys)
          : lookUp,
      random,
      onChange: () => this.#resettle(),
      onEvent: options.onEvent,
    });
    this.#scraping = new PoolScraping(endpoints, health, options.onEvent);
    this.#checks = new ActiveChecks(health, message => options.onEvent(message, 'warning'));
  }

  /** @throws Error when a worker cannot start */
  static async start(options: EmbeddedPlaneOptions): Promise<EmbeddedPlane> {
    const plane = new EmbeddedPlane(options);
    await plane.#workers.ready();
    return plane;
  }

  /** Takes over the whole plan or none of it; the plan of before, to look for ports that could not be bound. One at a time. */
  apply(plan: Plan): Promise<PlaneReport> {
    const applied = this.#applying.then(() => this.#apply(plan));
    this.#applying = applied.catch(() => {});
    return applied;
  }

  async #apply(named: Plan): Promise<PlaneReport> {
    if (this.#handoff.leaves) return this.#report;
    const names = namesOf(named);
    // Those of the plan that is in use stay until it is not.
    const before = this.#named === undefined ? names : new Set([...names, ...namesOf(this.#named)]);
    await this.#names.follow(before, FIRST_ANSWER_MS);
    const changed = this.#namesChanged;
    this.#namesChanged = false;
    const resolved = resolvedPlan(named, name => this.#names.addresses(name));
    try {
      const { bindings, servers } = await this.#ports.find(resolved.servers, this.#bindings);
      if (!changed && resolved.version === this.#plan?.version && bindings.size === this.#bindings.size)
        return this.#report;
      const rows = this.#rows.assign(resolved, monotonicMs());
      const { plan } = rows;
      // Before anything is granted in rows that are new.
      this.#handoff.settle();
      const assignment: Assignment = {
        plan,
        limitSlots: rows.limits,
        endpointSlots: rows.endpoints,
        bindings,
      };
      const leftOut = [...(await this.#workers.apply(assignment)), ...leftOutOf(resolved, rows.beyond)];
      this.#scraping.apply(plan, rows.endpoints);
      this.#checks.apply(plan, rows.endpoints);
      this.#bindings = bindings;
      this.#plan = plan;
      this.#named = named;
      await this.#names.follow(names, 0);
      this.#leftOutLog.tell(leftOut);
      this.#report = reportOf(plan, servers, leftOut);
    } catch (error) {
      this.#namesChanged ||= changed;
      return { ...this.#report, error: error instanceof Error ? error.message : String(error) };
    }
    return this.#report;
  }

  /** The addresses of a name are others than before: the same plan, with them. */
  #resettle(): void {
    this.#namesChanged = true;
    this.#settling ??= startTimer(SETTLE_MS, () => {
      this.#settling = undefined;
      const named = this.#named;
      if (named === undefined || !this.#namesChanged) return;
      void this.apply(named).then(({ error }) => {
        if (error !== undefined)
          this.#onEvent(`new addresses of host names cannot be used: ${error}`, 'warning');
      });
    });
  }

  /** The decision about a request that one of the workers had lately. */
  explain(requestId: string): Promise<unknown> {
    return this.#workers.explain(requestId);
  }

  async snapshot() {
    const plan = this.#plan;
    if (plan === undefined) return { limits: [], endpoints: [] };
    return {
      limits: this.#handoff.shown(limitCounts(plan, this.#rows, this.#tables)),
      endpoints: endpointCounts(plan, this.#rows, this.#tables, this.#scraping.problems, monotonicMs()),
    };
  }

  async metricsText(): Promise<string> {
    return metricsText({
      plan: this.#plan,
      ...(await this.snapshot()),
      requests: this.#requests,
      externalPicks: this.#externalPicks,
      bodies: this.#bodies,
      workers: this.#workers.count,
      workerRestarts: this.#workers.restarts,
      scrapeFailures: this.#scraping.failures,
    });
  }

  setAcceptance(acceptance: Acceptance): void {
    this.#workers.setAcceptance(acceptance);
  }

  countElsewhere(inUse: InUse): void {
    this.#handoff.count(inUse);
  }

  handOver(): InUse {
    return this.#handoff.handOver(this.#plan);
  }

  leadOn(host: string | undefined): void {
    this.#workers.handOver(host);
  }

  /** Takes no more connections; resolves when those that are open have ended, or after the time. */
  async drain(timeoutMs: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = startTimer(timeoutMs, over.resolve);
    await Promise.race([this.#workers.drain(), over.promise]);
    stopTimer(timer);
  }

  async close(): Promise<void> {
    stopTimer(this.#settling);
    this.#names.close();
    this.#checks.close();
    await Promise.all([this.#scraping.close(), this.#workers.close()]);
  }
}
