import { nextGeneration, rowBits } from '../kernel/index.ts';

/** The counts that a scope has, as columns of its row. */
export const COUNTS = ['active', 'pending', 'connections', 'retries'] as const;
export type Count = 0 | 1 | 2 | 3;
export const ACTIVE: Count = 0;
export const PENDING: Count = 1;
export const CONNECTIONS: Count = 2;
export const RETRIES: Count = 3;

const HELD = COUNTS.length;
/** Refusals since the start, one for each count, follow the counts, then how often each of these has wrapped; then the epoch, the number of waiters and the generation. */
const OVERFLOWS = HELD;
const WRAPS = HELD * 2;
const EPOCH = HELD * 3;
const WAITERS = EPOCH + 1;
const GENERATION = WAITERS + 1;
const COLUMNS = GENERATION + 1;

/** More than ever is in use: a count is 31 bits. */
export const UNBOUNDED = 2 ** 30;

const DEFAULT_SLOTS = 16_384;

interface Layout {
  readonly workers: number;
  readonly slots: number;
}

/** What crosses to a worker. */
export interface SharedLimits extends Layout {
  readonly buffer: SharedArrayBuffer;
}

/**
 * Counters of all scopes, shared by all workers. A count is taken by compare-and-swap, so it never passes its limit,
 * and is also written in the ledger of the worker that took it, so that a dead worker's share can be given back.
 * Rows: Int32; ledger of worker w: workers × slots × counts after the rows; then Float64 drain intervals and times.
 */
export class LimitTable {
  readonly shared: SharedLimits;
  readonly #rows: Int32Array;
  readonly #ledger: Int32Array;
  /** Per slot: mean milliseconds until it has room again when it is full, and since when it has last been full. */
  readonly #drain: Float64Array;
  readonly #ledgerBase: number;
  readonly #bits: number;
  readonly #mask: number;

  private constructor(shared: SharedLimits, worker: number) {
    this.shared = shared;
    const { buffer, slots, workers } = shared;
    this.#rows = new Int32Array(buffer, 0, slots * COLUMNS);
    this.#ledger = new Int32Array(buffer, slots * COLUMNS * 4, workers * slots * HELD);
    this.#drain = new Float64Array(buffer, drainOffset(shared), slots * 2);
    this.#ledgerBase = worker * slots * HELD;
    this.#bits = rowBits(slots);
    this.#mask = (1 << this.#bits) - 1;
  }

  /** For the main thread, which is worker 0. */
  static create(options: { readonly workers: number; readonly slots?: number }): LimitTable {
    const layout = { workers: options.workers, slots: options.slots ?? DEFAULT_SLOTS };
    const buffer = new SharedArrayBuffer(drainOffset(layout) + layout.slots * 16);
    return new LimitTable({ ...layout, buffer }, 0);
  }

  static attach(shared: SharedLimits, worker: number): LimitTable {
    if (worker >= shared.workers) throw new RangeError(`worker ${worker} of ${shared.workers}`);
    return new LimitTable(shared, worker);
  }

  /** Takes one if fewer than `limit` are taken. */
  tryTake(slot: number, count: Count, limit: number): boolean {
    const row = this.#current(slot);
    if (row === -1) return false;
    const at = row * COLUMNS + count;
    for (;;) {
      const now = Atomics.load(this.#rows, at);
      if (now >= limit) return false;
      if (Atomics.compareExchange(this.#rows, at, now, now + 1) === now) break;
    }
    Atomics.add(this.#ledger, this.#ledgerBase + row * HELD + count, 1);
    // It was given to another name between the look and the taking: retire() looks again after it has said so, as this does.
    if (this.#current(slot) !== -1) return true;
    this.#give(row, count);
    return false;
  }

  /** What was taken under a name that has the row no more is not there to be given back. */
  give(slot: number, count: Count): void {
    const row = this.#current(slot);
    if (row !== -1) this.#give(row, count);
  }

  #give(row: number, count: Count): void {
    Atomics.sub(this.#ledger, this.#ledgerBase + row * HELD + count, 1);
    Atomics.sub(this.#rows, row * COLUMNS + count, 1);
    this.#wake(row);
  }

  /** The row of a slot as {@link SlotMap} gives it; -1 where another name has it now. */
  #current(slot: number): number {
    const row = slot & this.#mask;
    return Atomics.load(this.#rows, row * COLUMNS + GENERATION) === slot >>> this.#bits ? row : -1;
  }

  inUse(slot: number, count: Count): number {
    return Atomics.load(this.#rows, this.#row(slot) * COLUMNS + count);
  }

  refused(slot: number, count: Count): number {
    const at = this.#row(slot) * COLUMNS + count;
    const wraps = Atomics.load(this.#rows, at + WRAPS);
    return wraps * 2 ** 32 + (Atomics.load(this.#rows, at + OVERFLOWS) >>> 0);
  }

  countRefusal(slot: number, count: Count): void {
    const row = this.#current(slot);
    if (row === -1) return;
    const at = row * COLUMNS + count;
    // 32 bits are an hour of a storm: what goes over them is carried.
    if (Atomics.add(this.#rows, at + OVERFLOWS, 1) === -1) Atomics.add(this.#rows, at + WRAPS, 1);
  }

  #row(slot: number): number {
    return slot & this.#mask;
  }

  /** Notes that the scope has become full: from now on somebody may wait for it to drain. */
  noteFull(slot: number, nowMs: number): void {
    this.#drain[this.#row(slot) * 2 + 1] = nowMs;
  }

  /** Notes that a full scope has room again: the measured drain rate is an average over the last times (weight 1/8). */
  noteDrain(slot: number, nowMs: number): void {
    const at = this.#row(slot) * 2;
    const fullSinceMs = this.#drain[at + 1] as number;
    if (fullSinceMs === 0 || nowMs < fullSinceMs) return;
    const took = nowMs - fullSinceMs;
    const mean = this.#drain[at] as number;
    this.#drain[at] = mean === 0 ? took : mean + (took - mean) / 8;
  }

  /** Mean milliseconds until a full scope has room again; 0 while unknown. */
  drainIntervalMs(slot: number): number {
    return this.#drain[this.#row(slot) * 2] as number;
  }

  /** Counts what other processes have: as if so many more, or less, were in use here. */
  addForeign(slot: number, count: Count, change: number): void {
    const row = this.#row(slot);
    Atomics.add(this.#rows, row * COLUMNS + count, change);
    if (change < 0) this.#wake(row);
  }

  /**
   * Takes all that is left, for other processes: until it is given back by {@link addForeign}, what is in use here does not grow.
   * @returns what was taken, and what is in use then at the most, that included
   */
  takeRest(slot: number, count: Count, limit: number): { readonly taken: number; readonly most: number } {
    const at = this.#row(slot) * COLUMNS + count;
    const most = Math.min(limit, UNBOUNDED);
    for (;;) {
      const now = Atomics.load(this.#rows, at);
      if (now >= most) return { taken: 0, most: now };
      if (Atomics.compareExchange(this.#rows, at, now, most) === now) return { taken: most - now, most };
    }
  }

  /** Resolves when anything in the scope was given back since the call, by any worker, or after `timeoutMs`. */
  async waitForRelease(slot: number, timeoutMs: number): Promise<void> {
    const at = this.#row(slot) * COLUMNS;
    const epoch = Atomics.load(this.#rows, at + EPOCH);
    Atomics.add(this.#rows, at + WAITERS, 1);
    try {
      const wait = Atomics.waitAsync(this.#rows, at + EPOCH, epoch, timeoutMs);
      if (wait.async) await wait.value;
    } finally {
      Atomics.sub(this.#rows, at + WAITERS, 1);
    }
  }

  /** Gives back all that a dead worker held. */
  reclaim(worker: number): void {
    const { slots } = this.shared;
    const base = worker * slots * HELD;
    for (let slot = 0; slot < slots; slot++) {
      for (let count = 0; count < HELD; count++) {
        const held = Atomics.exchange(this.#ledger, base + slot * HELD + count, 0);
        if (held === 0) continue;
        Atomics.sub(this.#rows, slot * COLUMNS + count, held);
        this.#wake(slot);
      }
    }
  }

  atRest(slot: number): boolean {
    for (let count = 0; count < HELD; count++) {
      if (Atomics.load(this.#rows, this.#row(slot) * COLUMNS + count) !== 0) return false;
    }
    return true;
  }

  /**
   * Takes a row that is at rest from its name and makes it fit for another: from now on nothing is taken in it, or given back,
   * under the slot that it had.
   * @returns false: something is in use, and all is as it was
   */
  retire(slot: number): boolean {
    if (!this.atRest(slot)) return false;
    const row = this.#row(slot);
    const at = row * COLUMNS;
    const generation = Atomics.load(this.#rows, at + GENERATION);
    Atomics.store(this.#rows, at + GENERATION, nextGeneration(generation, this.shared.slots));
    // Somebody may have taken one since the look: who takes one from now on finds the row gone.
    if (!this.atRest(slot)) {
      Atomics.store(this.#rows, at + GENERATION, generation);
      return false;
    }
    for (let count = 0; count < HELD; count++) {
      Atomics.store(this.#rows, at + OVERFLOWS + count, 0);
      Atomics.store(this.#rows, at + WRAPS + count, 0);
    }
    this.#drain.fill(0, row * 2, row * 2 + 2);
    return true;
  }

  #wake(slot: number): void {
    const at = slot * COLUMNS;
    if (Atomics.load(this.#rows, at + WAITERS) === 0) return;
    Atomics.add(this.#rows, at + EPOCH, 1);
    Atomics.notify(this.#rows, at + EPOCH);
  }
}

function drainOffset({ workers, slots }: Layout): number {
  return Math.ceil((slots * COLUMNS * 4 + workers * slots * HELD * 4) / 8) * 8;
}
