/** Bounds of writing. Each has a default; tests set others. */
export interface WriteQueueOptions {
  /** Writes that are out at once. */
  readonly concurrency: number;
  /** Over all objects. Envoy Gateway's client has 50/s and 100. */
  readonly writesPerSecond: number;
  readonly burst: number;
  /** Between two writes to one object, however often it is edited. */
  readonly apartMs: number;
  /** After the first failure; it doubles with each in a row, up to the longest. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Where somebody else wrote meanwhile: what is to be written now is known as soon as the source shows that. */
  readonly maxConflictMs: number;
}

export const WRITE_QUEUE: WriteQueueOptions = {
  concurrency: 8,
  writesPerSecond: 100,
  burst: 200,
  apartMs: 200,
  backoffMs: 250,
  maxBackoffMs: 30_000,
  maxConflictMs: 1_000,
};

/** Whether a write is to be tried again; `conflict`: because somebody else wrote meanwhile. */
export type Again = boolean | 'conflict';

interface Item {
  /** It is to be written (again). */
  due: boolean;
  out: boolean;
  notBeforeMs: number;
  failures: number;
}

/**
 * Which object is written when: in the order in which they came, so many at once and a second, each with a back-off of its
 * own. Holds an entry for each key that is due, out, or was written or failed not long ago.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #items = new Map<string, Item>();
  #out = 0;
  #tokens: number;
  #filledAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  /** This has something to write. One whose last write failed keeps its wait. */
  add(key: string): void {
    const item = this.#items.get(key);
    if (item !== undefined) item.due = true;
    else this.#items.set(key, { due: true, out: false, notBeforeMs: Number.NEGATIVE_INFINITY, failures: 0 });
  }

  /** This has nothing to write (any more). */
  remove(key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    item.due = false;
    item.failures = 0;
  }

  /** The next to write now. It is out until {@link done}. */
  take(nowMs: number): string | undefined {
    if (this.#out >= this.#options.concurrency) return undefined;
    this.#fill(nowMs);
    if (this.#tokens < 1) return undefined;
    for (const [key, item] of this.#items) {
      if (item.out) continue;
      if (!item.due) {
        if (item.notBeforeMs <= nowMs) this.#items.delete(key);
        continue;
      }
      if (item.notBeforeMs > nowMs) continue;
      this.#tokens--;
      this.#out++;
      item.due = false;
      item.out = true;
      return key;
    }
    return undefined;
  }

  /** When {@link take} may have something if nothing happens before; undefined: not by itself. */
  nextAtMs(nowMs: number): number | undefined {
    if (this.#out >= this.#options.concurrency) return undefined;
    let first: number | undefined;
    for (const { due, out, notBeforeMs } of this.#items.values())
      if (due && !out) first = Math.min(first ?? Number.POSITIVE_INFINITY, Math.max(notBeforeMs, nowMs));
    if (first === undefined) return undefined;
    const missing = 1 - this.#tokens;
    return missing <= 0 ? first : Math.max(first, nowMs + (missing / this.#options.writesPerSecond) * 1000);
  }

  /** @param again it failed, and is tried again after a wait */
  done(key: string, again: Again, nowMs: number): void {
    const item = this.#items.get(key);
    if (item?.out !== true) return;
    const { apartMs, backoffMs, maxBackoffMs, maxConflictMs } = this.#options;
    const longestMs = again === 'conflict' ? Math.min(maxConflictMs, maxBackoffMs) : maxBackoffMs;
    this.#out--;
    item.out = false;
    item.failures = again === false ? 0 : item.failures + 1;
    item.due ||= again !== false;
    item.notBeforeMs =
      nowMs +
      (again === false ? apartMs : Math.min(longestMs, backoffMs * 2 ** Math.min(item.failures - 1, 20)));
    // Behind those that wait already.
    this.#items.delete(key);
    this.#items.set(key, item);
  }

  /** Those that are out or to be written. */
  get waiting(): number {
    let count = 0;
    for (const { due, out } of this.#items.values()) if (due || out) count++;
    return count;
  }

  /** Entries that are held. */
  get size(): number {
    return this.#items.size;
  }

  #fill(nowMs: number): void {
    const { writesPerSecond, burst } = this.#options;
    if (nowMs > this.#filledAtMs) {
      const gained = ((nowMs - this.#filledAtMs) / 1000) * writesPerSecond;
      this.#tokens = Math.min(burst, this.#tokens + gained);
      this.#filledAtMs = nowMs;
    }
  }
}
