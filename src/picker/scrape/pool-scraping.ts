import { type HealthTable, monotonicMs } from '../../limits/index.ts';
import type { Plan } from '../../plan/index.ts';
import { endpointKey } from '../endpoint-id.ts';
import type { EndpointTable, ScrapeSent } from '../endpoint-table.ts';
import { Scraper } from './scraper.ts';
import type { ScrapeTarget } from './target.ts';

/** A connection that failed like this leads nowhere for requests either: the port is the same. */
const NOBODY_THERE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH']);

/** Scrapes the model servers of all pools, and writes what they say where the workers' pickers see it. */
export class PoolScraping {
  readonly #scraper: Scraper;
  /** Of the scrape that is under way, by row. */
  readonly #sent = new Map<number, ScrapeSent>();
  /** Rows whose last scrape failed, with the reason. */
  readonly #failing = new Map<number, string>();
  #ids = new Map<number, string>();
  failures = 0;

  /** @param onChange told when an endpoint's metrics are lost or found again */
  constructor(
    table: EndpointTable,
    health: HealthTable,
    onChange: (message: string, severity: 'info' | 'warning') => void,
  ) {
    const back = (slot: number, nowMs: number) => {
      health.recordProbe(slot, nowMs);
      if (!this.#failing.delete(slot)) return;
      // It was down for scrapes too: that it answers again is news of the same kind as what opened its breaker.
      health.recordSuccess(slot);
      onChange(`${this.#ids.get(slot)}: metrics are back`, 'info');
    };
    this.#scraper = new Scraper(
      {
        sent: slot => {
          this.#sent.set(slot, { inFlight: table.inFlight(slot), atMs: monotonicMs() });
        },
        figures: (slot, figures, nowMs) => {
          table.setFigures(slot, figures, this.#sent.get(slot) ?? { inFlight: 0, atMs: nowMs }, nowMs);
          back(slot, nowMs);
        },
        alive: back,
        failed: (slot, error) => {
          this.failures++;
          if (NOBODY_THERE.has(error)) health.noteRefused(slot);
          if (this.#failing.has(slot)) return;
          this.#failing.set(slot, error);
          onChange(`${this.#ids.get(slot)}: metrics cannot be scraped: ${error}`, 'warning');
        },
      },
      { now: monotonicMs },
    );
  }

  apply(plan: Plan, slots: ReadonlyMap<string, number>): void {
    const targets: ScrapeTarget[] = plan.pools.flatMap(pool =>
      pool.endpoints.flatMap(({ id, address, port, metricsPath }) => {
        const slot = slots.get(endpointKey(pool.name, id));
        return slot === undefined ? [] : [{ id, address, port, path: metricsPath, slot }];
      }),
    );
    this.#ids = new Map(targets.map(({ slot, id }) => [slot, id]));
    for (const known of [this.#failing, this.#sent])
      for (const slot of known.keys()) if (!this.#ids.has(slot)) known.delete(slot);
    this.#scraper.setTargets(targets);
  }

  close(): Promise<void> {
    return this.#scraper.close();
  }
}
