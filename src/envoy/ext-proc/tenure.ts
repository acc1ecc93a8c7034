import type { EndpointTable } from '../../endpoints/index.ts';
import { monotonicMs } from '../../kernel/index.ts';
import type { PoolHold, PoolHolders } from '../../plane/index.ts';
import { type Ownership, SentRequests } from '../../request/index.ts';
import { type GraceTimes, StartGrace } from './start-grace.ts';

/** The ownership of a pool, while plans come and go. */
export interface Tenure extends Ownership {
  readonly requests: SentRequests;
  /** Table rows of the pool's endpoints now. */
  endpoints(slots: Int32Array): void;
}

/** The only picker of a pool: it grants from its start. */
export class SoleTenure implements Tenure {
  readonly requests = new SentRequests();
  readonly #grace: StartGrace;

  /** @param slots table rows of the endpoints that a picker before this one knew */
  constructor(table: EndpointTable, slots: Int32Array, times: GraceTimes) {
    this.#grace = new StartGrace(table, slots, this.requests, times);
  }

  grants(): boolean {
    return true;
  }

  foreign(nowMs: number): number {
    return this.#grace.foreign(nowMs);
  }

  /** An endpoint that comes later than the start was not there for a picker before this one. */
  endpoints(): void {}
}

/** A model server that says nothing for so long holds up nobody. */
const FIRST_SCRAPE_MS = 2000;

/**
 * One of several pickers: it grants while it holds the pool. Each time that it comes to hold it, it first hears from the model servers
 * what its predecessor had let go.
 */
export class HeldTenure implements Tenure {
  readonly requests = new SentRequests();
  readonly #holders: PoolHolders;
  readonly #pool: string;
  readonly #table: EndpointTable;
  readonly #graceMs: number;
  #slots: Int32Array;
  #hold: PoolHold | undefined;
  #grace: StartGrace | undefined;
  #informed = false;
  #sinceMs = 0;

  /** @param pool Pool.name @param graceMs as long as a long answer takes */
  constructor(holders: PoolHolders, pool: string, table: EndpointTable, slots: Int32Array, graceMs: number) {
    this.#holders = holders;
    this.#pool = pool;
    this.#table = table;
    this.#slots = slots;
    this.#graceMs = graceMs;
  }

  grants(nowMs: number): boolean {
    const hold = this.#holders.held(this.#pool);
    if (hold !== this.#hold) this.#begin(hold);
    if (hold === undefined) return false;
    this.#informed ||= nowMs - this.#sinceMs > FIRST_SCRAPE_MS || this.#allScraped(nowMs);
    return this.#informed;
  }

  foreign(nowMs: number): number {
    return this.#grace?.foreign(nowMs) ?? 0;
  }

  endpoints(slots: Int32Array): void {
    this.#slots = slots;
  }

  #begin(hold: PoolHold | undefined): void {
    this.#hold = hold;
    this.#informed = false;
    if (hold === undefined) return;
    // A hold tells the time by performance.now(), tables by a clock that all workers share.
    this.#sinceMs = hold.sinceMs + (monotonicMs() - performance.now());
    const times = { sinceMs: this.#sinceMs, untilMs: this.#sinceMs + this.#graceMs };
    this.#grace = new StartGrace(this.#table, this.#slots, this.requests, times);
  }

  #allScraped(nowMs: number): boolean {
    return this.#slots.every(slot => nowMs - this.#table.ageMs(slot, nowMs) >= this.#sinceMs);
  }
}
