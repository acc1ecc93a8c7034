import { monotonicMs, toldAs } from '../../kernel/index.ts';
import type { Plan, PoolEndpoint } from '../../plan/index.ts';
import { addressId, endpointKey } from '../endpoint-id.ts';
import type { EndpointTable, ScrapeSent } from '../endpoint-table.ts';
import type { HealthTable } from '../health-table.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import { Scraper } from './scraper.ts';

/** A connection that failed like this leads nowhere for requests either, where the port is the same. */
const NOBODY_THERE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH']);

/** An endpoint that is scraped. */
interface Scraped {
  /** `ADDRESS:PORT (Pod NAMESPACE/NAME)`, for people. */
  readonly name: string;
  readonly url: string;
  /** The page is at the port that serves. */
  readonly samePort: boolean;
}

/** Scrapes the model servers of all pools, and writes what they say where the workers' pickers see it. */
export class PoolScraping {
  readonly #scraper: Scraper;
  readonly #health: HealthTable;
  readonly #onChange: (message: string, severity: 'info' | 'warning') => void;
  /** Of the scrape that is under way, by row. */
  readonly #sent = new Map<number, ScrapeSent>();
  /** Rows whose last scrape gave no figures: why. */
  readonly #problems = new Map<number, string>();
  /** Of these, those that gave no answer at all, or an error of their own. */
  readonly #failing = new Set<number>();
  #scraped: ReadonlyMap<number, Scraped> = new Map();
  failures = 0;

  /** @param onChange told when an endpoint's metrics are lost or found again */
  constructor(
    table: EndpointTable,
    health: HealthTable,
    onChange: (message: string, severity: 'info' | 'warning') => void,
  ) {
    this.#health = health;
    this.#onChange = onChange;
    this.#scraper = new Scraper(
      {
        sent: slot => {
          this.#sent.set(slot, { inFlight: table.inFlight(slot), atMs: monotonicMs() });
        },
        figures: (slot, figures, nowMs) => {
          table.setFigures(slot, figures, this.#sent.get(slot) ?? { inFlight: 0, atMs: nowMs }, nowMs);
          this.#answered(slot, nowMs);
          if (this.#problems.delete(slot)) onChange(`${this.#name(slot)}: metrics are back`, 'info');
        },
        alive: (slot, got, nowMs) => {
          const before = this.#problems.has(slot) && !this.#failing.has(slot);
          this.#answered(slot, nowMs);
          this.#problems.set(slot, `got ${got}`);
          if (!before) this.#lost(slot);
        },
        failed: (slot, error) => {
          this.failures++;
          if (NOBODY_THERE.has(error) && this.#scraped.get(slot)?.samePort === true) health.noteRefused(slot);
          const before = this.#failing.has(slot);
          this.#failing.add(slot);
          this.#problems.set(slot, error);
          if (!before) this.#lost(slot);
        },
      },
      { now: monotonicMs, onFault: toldAs(onChange) },
    );
  }

  /** Rows that give no figures: what was got instead, or why nothing. */
  get problems(): ReadonlyMap<number, string> {
    return this.#problems;
  }

  /** Whether its metrics are asked for at all. */
  scrapes(slot: number): boolean {
    return this.#scraped.has(slot);
  }

  apply(plan: Plan, slots: ReadonlyMap<string, number>): void {
    const scraped = new Map<number, Scraped>();
    const targets: ScrapeTarget[] = plan.pools.flatMap(pool =>
      pool.endpoints.flatMap(endpoint => {
        const slot = slots.get(endpointKey(pool.name, endpoint.id));
        if (slot === undefined || endpoint.unscraped === true) return [];
        const target = targetOf(endpoint, slot);
        scraped.set(slot, {
          name: endpoint.pod === undefined ? endpoint.id : `${endpoint.id} (Pod ${endpoint.pod})`,
          url: `${target.secure === true ? 'https' : 'http'}://${target.id}${target.path}`,
          samePort: target.port === endpoint.port,
        });
        return [target];
      }),
    );
    this.#scraped = scraped;
    for (const known of [this.#problems, this.#failing, this.#sent])
      for (const slot of known.keys()) if (!scraped.has(slot)) known.delete(slot);
    this.#scraper.setTargets(targets);
  }

  close(): Promise<void> {
    return this.#scraper.close();
  }

  /** Something of the endpoint lives; it says so of the port that serves only where that was asked. */
  #answered(slot: number, nowMs: number): void {
    const failed = this.#failing.delete(slot);
    if (this.#scraped.get(slot)?.samePort !== true) return;
    this.#health.recordProbe(slot, nowMs);
    // It was down for scrapes too: that it answers again is news of the same kind as what opened its breaker.
    if (failed) this.#health.recordSuccess(slot);
  }

  /** Told once, and again when an endpoint that gave nothing gives something that is of no use, or the reverse. */
  #lost(slot: number): void {
    const { name = '', url = '' } = this.#scraped.get(slot) ?? {};
    this.#onChange(`${name}: metrics cannot be scraped: ${url}: ${this.#problems.get(slot)}`, 'warning');
  }

  #name(slot: number): string {
    return this.#scraped.get(slot)?.name ?? '';
  }
}

function targetOf(endpoint: PoolEndpoint, slot: number): ScrapeTarget {
  const { address, port, metricsPath, metricsPort = port, metricsTls = false } = endpoint;
  const at = { address, port: metricsPort };
  const path = metricsPath.startsWith('/') ? metricsPath : `/${metricsPath}`;
  return { ...at, id: addressId(at), path, slot, ...(metricsTls ? { secure: true } : {}) };
}
