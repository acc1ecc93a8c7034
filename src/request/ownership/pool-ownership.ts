import type { EndpointTable } from '../../endpoints/index.ts';
import type { HeldPool, PoolOwners } from '../../plane/index.ts';
import type { Ownership } from '../request-target.ts';
import { PredecessorRequests, type PredecessorTimes } from './predecessor-requests.ts';
import { SentRequests } from './sent-requests.ts';

/** The ownership of a pool, while plans come and go. */
export interface PoolOwnership extends Ownership {
  readonly requests: SentRequests;
  /**
   * The pool is now so.
   * @param slots table rows of its endpoints
   * @param limited a policy limits what is in flight there
   */
  pool(slots: Int32Array, limited: boolean): void;
}

/** The only picker of a pool: it grants from its start. */
export class SingleOwnership implements PoolOwnership {
  readonly requests = new SentRequests();
  readonly #grace: PredecessorRequests;

  /** @param slots table rows of the endpoints that a picker before this one knew */
  constructor(table: EndpointTable, slots: Int32Array, times: PredecessorTimes) {
    this.#grace = new PredecessorRequests(table, slots, this.requests, times);
  }

  grants(): boolean {
    return true;
  }

  foreign(nowMs: number): number {
    return this.#grace.foreign(nowMs);
  }

  /** An endpoint that comes later than the start was not there for a picker before this one. */
  pool(): void {}
}

/** A model server that says nothing for so long holds up nobody. */
const FIRST_SCRAPE_MS = 2000;

/**
 * One of several pickers: it grants while it holds the pool. Each time that it comes to hold it, it first hears from the model servers
 * what its predecessor had let go. Where no policy limits the pool, no permit is needed, and it grants whoever holds them.
 */
export class LeasedOwnership implements PoolOwnership {
  readonly requests = new SentRequests();
  readonly #owners: PoolOwners;
  readonly #pool: string;
  readonly #table: EndpointTable;
  readonly #graceMs: number;
  #slots: Int32Array;
  #limited: boolean;
  #held: HeldPool | undefined;
  #grace: PredecessorRequests | undefined;
  #informed = false;
  #sinceMs = 0;

  /** @param pool Pool.name @param graceMs as long as a long answer takes */
  constructor(
    owners: PoolOwners,
    pool: string,
    table: EndpointTable,
    slots: Int32Array,
    limited: boolean,
    graceMs: number,
  ) {
    this.#owners = owners;
    this.#pool = pool;
    this.#table = table;
    this.#slots = slots;
    this.#limited = limited;
    this.#graceMs = graceMs;
  }

  grants(nowMs: number): boolean {
    const held = this.#owners.held(this.#pool);
    if (held !== this.#held) this.#begin(held);
    if (!this.#limited) return true;
    if (held === undefined) return false;
    this.#informed ||= nowMs - this.#sinceMs > FIRST_SCRAPE_MS || this.#allScraped(nowMs);
    return this.#informed;
  }

  foreign(nowMs: number): number {
    return this.#grace?.foreign(nowMs) ?? 0;
  }

  pool(slots: Int32Array, limited: boolean): void {
    this.#slots = slots;
    this.#limited = limited;
  }

  #begin(held: HeldPool | undefined): void {
    this.#held = held;
    this.#informed = false;
    if (held === undefined) return;
    this.#sinceMs = held.sinceMs;
    const times = { sinceMs: this.#sinceMs, untilMs: this.#sinceMs + this.#graceMs };
    this.#grace = new PredecessorRequests(this.#table, this.#slots, this.requests, times);
  }

  #allScraped(nowMs: number): boolean {
    return this.#slots.every(slot => nowMs - this.#table.ageMs(slot, nowMs) >= this.#sinceMs);
  }
}
