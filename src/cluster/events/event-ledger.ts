import { eventKey, type WantedEvent } from './wanted-event.ts';

/** Bounds of telling. Each has a default; tests set others. */
export interface EventLedgerOptions {
  /** Writes, over all objects. */
  readonly writesPerSecond: number;
  readonly burst: number;
  /** Events of one object at once, and how long until it may have one more (client-go's spam filter: 25, 5 min). */
  readonly burstOfObject: number;
  readonly refillOfObjectMs: number;
  /** Of a series that goes on, how often it is written at most; that it is one is written sooner. */
  readonly seriesApartMs: number;
  readonly secondAfterMs: number;
  /** What is so all the time is said again after this (client-go's recorder: 30 min; an API server keeps Events for 1 h). */
  readonly refreshMs: number;
  /** After a write that failed. */
  readonly retryMs: number;
  /** Events that are kept track of; those beyond are only counted. */
  readonly max: number;
}

export const EVENT_LEDGER: EventLedgerOptions = {
  writesPerSecond: 10,
  burst: 50,
  burstOfObject: 25,
  refillOfObjectMs: 300_000,
  seriesApartMs: 60_000,
  secondAfterMs: 2_000,
  refreshMs: 1_800_000,
  retryMs: 30_000,
  max: 2_000,
};

/** One that is to be written. */
export interface DueEvent {
  readonly key: string;
  readonly event: WantedEvent;
  /** How often it was seen by this process. */
  readonly count: number;
  /** It was not written by this process before. */
  readonly first: boolean;
}

interface Entry {
  readonly event: WantedEvent;
  /** It is so now. */
  present: boolean;
  count: number;
  written: number;
  notBeforeMs: number;
  writtenAtMs: number;
  out: boolean;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** What is told of which object and when: once each, a series where it comes again, never more than API server and reader can bear. */
export class EventLedger {
  readonly #options: EventLedgerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #objects = new Map<string, Bucket>();
  readonly #all: Bucket;
  /** Events that were not told, for want of room. */
  dropped = 0;

  constructor(options: EventLedgerOptions) {
    this.#options = options;
    this.#all = { tokens: options.burst, atMs: Number.NEGATIVE_INFINITY };
  }

  /** All that is so now. What was not so before is an occurrence. */
  want(events: readonly WantedEvent[], nowMs: number): void {
    const present = new Map(events.map(event => [eventKey(event), event]));
    for (const [key, entry] of this.#entries) {
      entry.present = present.has(key);
      if (!entry.present && !entry.out && this.#isOver(entry, nowMs)) this.#entries.delete(key);
    }
    for (const [key, event] of present) {
      const entry = this.#entries.get(key);
      if (entry === undefined) this.#add(key, event);
      else if (!this.#before.has(key)) entry.count++;
    }
    this.#before = new Set(present.keys());
  }

  #before: ReadonlySet<string> = new Set();

  /** The next to write now; it is out until {@link done}. */
  next(nowMs: number): DueEvent | undefined {
    for (const [key, entry] of this.#entries) {
      if (entry.out || !this.#isDue(entry, nowMs)) continue;
      if (!this.#mayWriteOf(entry.event, nowMs)) {
        entry.notBeforeMs = nowMs + this.#options.retryMs;
        continue;
      }
      if (!take(this.#all, nowMs, this.#options.burst, 1000 / this.#options.writesPerSecond))
        return undefined;
      if (entry.count === entry.written) entry.count++;
      entry.out = true;
      return { key, event: entry.event, count: entry.count, first: entry.written === 0 };
    }
    return undefined;
  }

  /** @param count that was written; 0: it failed and is tried again */
  done(key: string, count: number, nowMs: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const { retryMs, secondAfterMs, seriesApartMs } = this.#options;
    const waitMs = entry.written === 0 ? secondAfterMs : seriesApartMs;
    entry.out = false;
    entry.notBeforeMs = nowMs + (count === 0 ? retryMs : waitMs);
    if (count === 0) return;
    entry.written = count;
    entry.writtenAtMs = nowMs;
  }

  /** Entries that are held. */
  get size(): number {
    return this.#entries.size;
  }

  #add(key: string, event: WantedEvent): void {
    if (this.#entries.size >= this.#options.max) {
      this.dropped++;
      return;
    }
    this.#entries.set(key, {
      event,
      present: true,
      count: 1,
      written: 0,
      notBeforeMs: Number.NEGATIVE_INFINITY,
      writtenAtMs: Number.NEGATIVE_INFINITY,
      out: false,
    });
  }

  /** A first time is told at once; once more after the series has rested; what stays so, now and then. */
  #isDue(entry: Entry, nowMs: number): boolean {
    if (nowMs < entry.notBeforeMs) return false;
    if (entry.written < entry.count) return true;
    return entry.present && nowMs >= entry.writtenAtMs + this.#options.refreshMs;
  }

  /** Nothing more is to be told of it, and a series would be a new one. */
  #isOver(entry: Entry, nowMs: number): boolean {
    if (entry.written === 0) return true;
    return entry.written >= entry.count && nowMs >= entry.writtenAtMs + this.#options.refreshMs;
  }

  #mayWriteOf({ regarding }: WantedEvent, nowMs: number): boolean {
    const { burstOfObject, refillOfObjectMs, max } = this.#options;
    const key = JSON.stringify([regarding.apiVersion, regarding.kind, regarding.namespace, regarding.name]);
    let bucket = this.#objects.get(key);
    if (bucket === undefined) {
      const oldest = this.#objects.keys().next();
      if (this.#objects.size >= max && oldest.done !== true) this.#objects.delete(oldest.value);
      bucket = { tokens: burstOfObject, atMs: nowMs };
      this.#objects.set(key, bucket);
    }
    return take(bucket, nowMs, burstOfObject, refillOfObjectMs);
  }
}

function take(bucket: Bucket, nowMs: number, burst: number, refillMs: number): boolean {
  const gained = Math.max(0, nowMs - bucket.atMs) / refillMs;
  bucket.tokens = Math.min(burst, bucket.tokens + gained);
  bucket.atMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}
