import {
  ActiveChecks,
  EndpointTable,
  endpointKey,
  HealthTable,
  PoolScraping,
} from '../../endpoints/index.ts';
import {
  ByteBudget,
  FaultLog,
  metricsRegistry,
  monotonicMs,
  newId,
  random,
  wallMs,
} from '../../kernel/index.ts';
import { Limits, LimitTable, type ScopeHandle } from '../../limits/index.ts';
import { Picker, PickLog, PrefixTable } from '../../picker/index.ts';
import type { Cluster, Part, Plan, Pool } from '../../plan/index.ts';
import { limitedPools, routesByCluster } from '../../plan/index.ts';
import type { PoolOwners } from '../../plane/index.ts';
import {
  AwaitedReports,
  addEndpointMetrics,
  addExternalPickMetrics,
  addLimitMetrics,
  type Decision,
  DecisionLog,
  EnvoyUsage,
  endpointCounts,
  LeasedOwnership,
  limitCounts,
  Observers,
  PickCounters,
  type PickerClientParts,
  PickerClients,
  PickerLog,
  PoolChoice,
  type PoolOwnership,
  type PredecessorTimes,
  Rows,
  SingleOwnership,
  STEPS,
  TABLE_ROWS,
  type Tables,
  VerdictCounts,
} from '../../request/index.ts';
import type { AccessLogEntry } from '../access-log/entry.ts';
import { DEFAULT_EXT_PROC_BOUNDS } from './ext-proc-bounds.ts';
import type { PickContext } from './pick-context.ts';
import type { PickerStateOptions } from './picker-state-options.ts';
import type { PoolTarget } from './pool-target.ts';
import { scrapedOnce } from './scraped-once.ts';

const DEFAULT_GRACE_MS = 600_000;

/** All that the picker knows: limits in use, health and figures of endpoints, decisions. One plan at a time. */
export class PickerState {
  readonly context: PickContext;
  readonly #picker: Picker;
  readonly #tables: Tables;
  readonly #rows: Rows;
  readonly #scraping: PoolScraping;
  readonly #checks: ActiveChecks;
  readonly #graceMs: number;
  readonly #predecessorTimes: PredecessorTimes;
  readonly #owners: PoolOwners | undefined;
  readonly #ownerships = new Map<string, PoolOwnership>();
  readonly #verdicts = new VerdictCounts();
  readonly #awaited = new AwaitedReports();
  readonly #usage = new EnvoyUsage();
  /** Undefined: none is asked. */
  readonly #others: PickerClientParts | undefined;
  #clients: PickerClients | undefined;
  #plan: Plan | undefined;
  #clusters: ReadonlyMap<string, PoolTarget> = new Map();
  #pools: ReadonlyMap<string, PoolTarget> = new Map();

  constructor(options: PickerStateOptions) {
    const slots = options.tableRows ?? TABLE_ROWS;
    const limits = LimitTable.create({ workers: 1, slots });
    const endpoints = EndpointTable.create(1, slots);
    const health = HealthTable.create(slots);
    this.#tables = { limits, endpoints, health };
    this.#rows = new Rows(limits, endpoints, health);
    const warn = (message: string) => options.onEvent(message, 'warning');
    this.#scraping = new PoolScraping(endpoints, health, options.onEvent);
    this.#checks = new ActiveChecks(health, warn);
    this.#graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
    const sinceMs = monotonicMs();
    this.#predecessorTimes = { sinceMs, untilMs: sinceMs + this.#graceMs };
    this.#owners = options.owners;
    const bounds = { ...DEFAULT_EXT_PROC_BOUNDS, ...options.bounds };
    const faults = new FaultLog(line => options.onEvent(line, 'error'));
    if (options.asksOthers === true)
      this.#others = {
        faults,
        counters: new PickCounters(PickCounters.buffer(1), 0),
        log: new PickerLog(warn),
        pickTimeoutMs: bounds.pickTimeoutMs,
        maxBodyBytes: bounds.maxBodyBytes,
      };
    const log = new PickLog();
    const decisions = new DecisionLog(log);
    // To be told of every request: a file of src/request/observers, and its place here.
    const observers = [decisions, this.#awaited, this.#verdicts, this.#usage];
    this.#picker = new Picker({ endpoints, prefixes: PrefixTable.create(), health, random, log });
    this.context = {
      limits: new Limits(limits),
      decisions,
      observers: new Observers(observers, faults),
      permitAt: 'pick',
      steps: options.steps ?? STEPS,
      bounds,
      bodies: ByteBudget.create(bounds.maxHeldBytes),
      faults,
      random,
      operators: options.operators ?? 'nobody',
      clearRouteCache: options.clearRouteCache ?? false,
      newRequestId: newId,
      wallClock: wallMs,
    };
  }

  /** Clusters of the plan that the tables have no room for, and why: Envoys are not to be told of them. */
  beyond(plan: Plan): ReadonlyMap<Part, string> {
    return this.#rows.fit(plan, monotonicMs()).beyond;
  }

  /** Streams that are open go on with what they began with. What is {@link beyond} the tables is left out. */
  apply(all: Plan): void {
    const rows = this.#rows.assign(all, monotonicMs());
    const { plan } = rows;
    const pools = new Map(plan.pools.map(pool => [pool.name, pool]));
    const scopes = new Map(
      plan.limits.map(({ name, thresholds }): [string, ScopeHandle] => [
        name,
        { name, thresholds, slot: rows.limits.get(name) as number },
      ]),
    );
    const limited = limitedPools(plan);
    const routes = routesByCluster(plan);
    const clients = this.#others && new PickerClients(this.#others);
    const target = (pool: Pool, cluster: Cluster | undefined, poolLimit: string | undefined): PoolTarget => {
      const slots = Int32Array.from(
        pool.endpoints,
        ({ id }) => rows.endpoints.get(endpointKey(pool.name, id)) as number,
      );
      const external = clients?.of(pool, this.#clients);
      const choice = new PoolChoice(
        pool,
        slots,
        cluster ?? {},
        this.#picker,
        this.#tables.health,
        this.context.bounds.maxFallbacks,
      );
      return {
        name: cluster?.name,
        choice,
        scope: cluster === undefined ? undefined : scopes.get(cluster.limit),
        poolScope: poolLimit === undefined ? undefined : scopes.get(poolLimit),
        ownership: this.#ownership(pool.name, slots, limited.has(pool.name)),
        needsBody: external !== undefined || choice.needsBody,
        // All routes to a cluster are of one rule.
        timeouts: cluster && routes.get(cluster.name)?.[0]?.timeouts,
        external,
      };
    };
    this.#clusters = new Map(
      plan.clusters.flatMap((cluster): [string, PoolTarget][] => {
        const pool = pools.get(cluster.pool ?? '');
        return pool === undefined ? [] : [[cluster.name, target(pool, cluster, cluster.poolLimit)]];
      }),
    );
    this.#pools = new Map(
      plan.pools.map(pool => {
        const routes = plan.clusters.filter(cluster => cluster.pool === pool.name);
        // Where one route leads to the pool, all that asks about the pool comes by it.
        const only = routes.length === 1 ? routes[0] : undefined;
        return [pool.name, target(pool, only, routes[0]?.poolLimit)];
      }),
    );
    this.#clients?.close(clients);
    this.#clients = clients;
    this.#scraping.apply(plan, rows.endpoints);
    this.#checks.apply(plan, rows.endpoints);
    this.#usage.apply(plan);
    this.#plan = plan;
  }

  cluster(name: string): PoolTarget | undefined {
    return this.#clusters.get(name);
  }

  pool(name: string): PoolTarget | undefined {
    return this.#pools.get(name);
  }

  /** Resolves when every endpoint was scraped once, or after the time: before that nothing is known of what is in flight. */
  async firstScrape(timeoutMs: number): Promise<void> {
    await scrapedOnce(() => this.#pools.values(), this.#scraping, this.#tables.endpoints, timeoutMs);
  }

  /** Envoy says how a request ended. */
  reported({ requestId, cluster, report }: AccessLogEntry): void {
    this.#awaited.came(requestId, cluster, report, this.context.observers);
  }

  explain(requestId: string): Decision | undefined {
    return this.context.decisions.get(requestId);
  }

  snapshot() {
    if (this.#plan === undefined) return { limits: [], endpoints: [] };
    return {
      limits: limitCounts(this.#plan, this.#rows, this.#tables),
      endpoints: endpointCounts(this.#plan, this.#rows, this.#tables, this.#scraping.problems, monotonicMs()),
    };
  }

  /**
   * @param more adds what others count
   * @param counts where others know more of them
   */
  metricsText(
    more: (registry: ReturnType<typeof metricsRegistry>) => void,
    counts: ReturnType<PickerState['snapshot']> = this.snapshot(),
  ): Promise<string> {
    const registry = metricsRegistry();
    const { limits, endpoints } = counts;
    addLimitMetrics(registry, this.#plan, limits);
    addEndpointMetrics(registry, endpoints);
    const decisions = registry.counter(
      'breakwater_picker_decisions_total',
      'Requests whose streams have ended, by what was decided.',
      ['verdict'],
    );
    for (const [verdict, count] of this.#verdicts.counts) decisions.inc({ verdict }, count);
    registry
      .gauge('breakwater_picker_held_body_bytes', 'Request bodies that are being read.')
      .set(this.context.bodies.heldBytes);
    registry
      .counter('breakwater_scrape_failures_total', 'Scrapes of model servers that failed.')
      .inc(this.#scraping.failures);
    this.#usage.addMetrics(registry);
    if (this.#others !== undefined) addExternalPickMetrics(registry, this.#others.counters);
    more(registry);
    return registry.text();
  }

  async close(): Promise<void> {
    this.#checks.close();
    this.#clients?.close();
    await this.#scraping.close();
  }

  #ownership(pool: string, slots: Int32Array, limited: boolean): PoolOwnership {
    const known = this.#ownerships.get(pool);
    if (known !== undefined) {
      known.pool(slots, limited);
      return known;
    }
    const { endpoints } = this.#tables;
    const ownership =
      this.#owners === undefined
        ? new SingleOwnership(endpoints, slots, this.#predecessorTimes)
        : new LeasedOwnership(this.#owners, pool, endpoints, slots, limited, this.#graceMs);
    this.#ownerships.set(pool, ownership);
    return ownership;
  }
}
