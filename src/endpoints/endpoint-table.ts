import { rowBits } from '../kernel/index.ts';
import { nameHash } from './name-hash.ts';

const FIGURES = 5;
const RUNNING = 0;
const WAITING = 1;
const KV_CACHE = 2;
const SCRAPED_AT = 3;
const ASKED_AT = 4;

/** Adapters that are kept by their hash, of each endpoint; vLLM's `--max-loras` is seldom more than 8. */
const MAX_ADAPTERS = 32;
/** What a server says of its slots is bounded by what a word holds. */
const MAX_ADAPTER_SLOTS = 2 ** 30;
/** Models that an endpoint has said not to have, the last ones; and for how long that is believed: an adapter may be loaded. */
const MAX_ABSENT = 8;
const ABSENT_SECONDS = 30;
/** A word has the requests in flight in its low bits, and above them which of its row's names it is: one step sees and changes both. */
const IN_FLIGHT_BITS = 18;
const MOST_IN_FLIGHT = 2 ** IN_FLIGHT_BITS - 1;
const GENERATIONS = 2 ** (32 - IN_FLIGHT_BITS) - 1;
const WORDS = 7 + 2 * MAX_ADAPTERS + 2 * MAX_ABSENT;
const IN_FLIGHT = 0;
const IN_FLIGHT_AT_SCRAPE = 1;
const MODEL = 2;
const ADAPTER_SLOTS = 3;
const RUNNING_ADAPTERS = 4;
const WAITING_ADAPTERS = 5;
const SENT = 6;
const ADAPTERS = 7;
/** Adapters that requests were sent for, the last one first. */
const SENT_ADAPTERS = ADAPTERS + MAX_ADAPTERS;
/** Pairs: the model, and the second until which it is not there. */
const ABSENT = SENT_ADAPTERS + MAX_ADAPTERS;

/** What crosses to a worker. */
export interface SharedEndpoints {
  readonly workers: number;
  readonly slots: number;
  readonly buffer: SharedArrayBuffer;
}

/** What a scrape tells of an endpoint. */
export interface EndpointFigures {
  readonly running: number;
  readonly waiting: number;
  /** 0..1; NaN: not known */
  readonly kvCacheUsage: number;
  /** The base model; '' when unknown. */
  readonly modelName: string;
  readonly runningAdapters: readonly string[];
  readonly waitingAdapters: readonly string[];
  /** LoRA adapters that fit at once; 0 when unknown. */
  readonly maxAdapters: number;
}

/** When a scrape was sent. */
export interface ScrapeSent {
  /** {@link EndpointTable.inFlight}: what its figures show already */
  readonly inFlight: number;
  readonly atMs: number;
}

/** How an endpoint stands to the adapter that a request asks for; `swap`: an idle one would make room. */
export type AdapterState = 'running' | 'loaded' | 'room' | 'swap' | 'waiting' | 'full' | 'base';

/**
 * What is known of endpoints, a row each, shared by all workers: requests in flight (counted by all, with a ledger
 * for each worker), and the figures of the last scrape (written by the main thread alone).
 * Figures are hints: a reader may see a row half written.
 * A slot is a row and which of its names it is (limits/slot-map.ts): what is written under a name that has the row no more is
 * written nowhere.
 */
export class EndpointTable {
  readonly shared: SharedEndpoints;
  readonly #figures: Float64Array;
  readonly #words: Int32Array;
  readonly #ledger: Int32Array;
  readonly #ledgerBase: number;
  readonly #bits: number;
  readonly #mask: number;

  private constructor(shared: SharedEndpoints, worker: number) {
    const { buffer, slots, workers } = shared;
    this.shared = shared;
    this.#figures = new Float64Array(buffer, 0, slots * FIGURES);
    this.#words = new Int32Array(buffer, slots * FIGURES * 8, slots * WORDS);
    this.#ledger = new Int32Array(buffer, slots * (FIGURES * 8 + WORDS * 4), workers * slots);
    this.#ledgerBase = worker * slots;
    this.#bits = rowBits(slots);
    this.#mask = (1 << this.#bits) - 1;
  }

  /** For the main thread, which is worker 0. */
  static create(workers: number, slots: number): EndpointTable {
    const bytes = slots * (FIGURES * 8 + WORDS * 4) + workers * slots * 4;
    return new EndpointTable({ workers, slots, buffer: new SharedArrayBuffer(bytes) }, 0);
  }

  static attach(shared: SharedEndpoints, worker: number): EndpointTable {
    if (worker >= shared.workers) throw new RangeError(`worker ${worker} of ${shared.workers}`);
    return new EndpointTable(shared, worker);
  }

  /** A request is on its way to the endpoint. */
  enter(slot: number): void {
    if (this.#count(slot, 1)) Atomics.add(this.#ledger, this.#ledgerBase + this.#row(slot), 1);
  }

  /** What entered under a name that has the row no more is not there to leave. */
  leave(slot: number): void {
    if (this.#count(slot, -1)) Atomics.sub(this.#ledger, this.#ledgerBase + this.#row(slot), 1);
  }

  /** Counts what other processes have in flight there: so many more, or less. What was scraped shows them already. */
  addForeign(slot: number, change: number): void {
    if (this.#count(slot, change) && change > 0)
      Atomics.add(this.#words, this.#row(slot) * WORDS + IN_FLIGHT_AT_SCRAPE, change);
  }

  /** @returns false where another name has the row now */
  #count(slot: number, change: number): boolean {
    const at = this.#row(slot) * WORDS + IN_FLIGHT;
    const generation = this.#generation(slot);
    for (;;) {
      const word = Atomics.load(this.#words, at);
      if (word >>> IN_FLIGHT_BITS !== generation) return false;
      const next = Math.min(Math.max((word & MOST_IN_FLIGHT) + change, 0), MOST_IN_FLIGHT);
      if (Atomics.compareExchange(this.#words, at, word, wordOf(generation, next)) === word) return true;
    }
  }

  /** Gives back all that a dead worker counted. */
  reclaim(worker: number): void {
    const { slots } = this.shared;
    for (let row = 0; row < slots; row++) {
      const held = Atomics.exchange(this.#ledger, worker * slots + row, 0);
      // What is held keeps the row from going to another name.
      if (held !== 0) Atomics.sub(this.#words, row * WORDS + IN_FLIGHT, held);
    }
  }

  inFlight(slot: number): number {
    return Atomics.load(this.#words, this.#row(slot) * WORDS + IN_FLIGHT) & MOST_IN_FLIGHT;
  }

  #row(slot: number): number {
    return slot & this.#mask;
  }

  #generation(slot: number): number {
    return (slot >>> this.#bits) & GENERATIONS;
  }

  /** Whether the row is this name's: requests of an older plan may hold the slots of others. */
  #isCurrent(slot: number): boolean {
    const word = Atomics.load(this.#words, this.#row(slot) * WORDS + IN_FLIGHT);
    return word >>> IN_FLIGHT_BITS === this.#generation(slot);
  }

  setFigures(slot: number, figures: EndpointFigures, sent: ScrapeSent, nowMs: number): void {
    if (!this.#isCurrent(slot)) return;
    const base = this.#row(slot) * FIGURES;
    this.#figures[base + RUNNING] = figures.running;
    this.#figures[base + WAITING] = figures.waiting;
    this.#figures[base + KV_CACHE] = figures.kvCacheUsage;
    const words = this.#row(slot) * WORDS;
    this.#words[words + IN_FLIGHT_AT_SCRAPE] = sent.inFlight;
    this.#words[words + MODEL] = nameHash(figures.modelName);
    this.#words[words + ADAPTER_SLOTS] = Math.min(figures.maxAdapters, MAX_ADAPTER_SLOTS);
    const running = figures.runningAdapters.slice(0, MAX_ADAPTERS);
    const waiting = figures.waitingAdapters.slice(0, MAX_ADAPTERS - running.length);
    this.#words[words + RUNNING_ADAPTERS] = running.length;
    this.#words[words + WAITING_ADAPTERS] = waiting.length;
    [...running, ...waiting].forEach((name, i) => {
      this.#words[words + ADAPTERS + i] = nameHash(name);
    });
    this.#figures[base + ASKED_AT] = sent.atMs;
    this.#figures[base + SCRAPED_AT] = nowMs;
  }

  running(slot: number): number {
    return this.#figures[this.#row(slot) * FIGURES + RUNNING] as number;
  }

  waiting(slot: number): number {
    return this.#figures[this.#row(slot) * FIGURES + WAITING] as number;
  }

  /** 0..1; NaN: not known */
  kvCacheUsage(slot: number): number {
    return this.#figures[this.#row(slot) * FIGURES + KV_CACHE] as number;
  }

  /** Age of the figures; Infinity when there are none. Milliseconds. */
  ageMs(slot: number, nowMs: number): number {
    const at = this.#figures[this.#row(slot) * FIGURES + SCRAPED_AT] as number;
    return at === 0 ? Number.POSITIVE_INFINITY : Math.max(0, nowMs - at);
  }

  /** What its figures do not show yet: requests sent there since the last scrape, less those that have ended since. */
  sinceScrape(slot: number): number {
    return this.inFlight(slot) - (this.#words[this.#row(slot) * WORDS + IN_FLIGHT_AT_SCRAPE] as number);
  }

  /** When the scrape was sent that its figures are from; 0 when there are none. */
  askedAtMs(slot: number): number {
    return this.#figures[this.#row(slot) * FIGURES + ASKED_AT] as number;
  }

  /** @param model its {@link nameHash}; 0 for none */
  adapterState(slot: number, model: number): AdapterState {
    const words = this.#row(slot) * WORDS;
    const known = this.#words[words + MODEL];
    const room = this.#words[words + ADAPTER_SLOTS] as number;
    if (model === 0 || known === 0 || known === model || room === 0) return 'base';
    const running = this.#words[words + RUNNING_ADAPTERS] as number;
    const waiting = this.#words[words + WAITING_ADAPTERS] as number;
    for (let i = 0; i < running + waiting; i++) {
      if (this.#words[words + ADAPTERS + i] === model) return i < running ? 'running' : 'waiting';
    }
    // Metrics list only adapters that are at work; the server keeps those that it used last.
    const sent = Math.min(room, this.#words[words + SENT] as number);
    for (let i = 0; i < sent; i++) if (this.#words[words + SENT_ADAPTERS + i] === model) return 'loaded';
    if (running + waiting >= room) return 'full';
    return sent < room ? 'room' : 'swap';
  }

  /** A request for an adapter is sent there, which will then be loaded. @param model its {@link nameHash} */
  noteAdapter(slot: number, model: number): void {
    if (!this.#isCurrent(slot) || this.adapterState(slot, model) === 'base') return;
    const words = this.#row(slot) * WORDS;
    const first = words + SENT_ADAPTERS;
    const sent = this.#words[words + SENT] as number;
    let at = 0;
    while (at < sent && this.#words[first + at] !== model) at++;
    if (at === sent && sent < MAX_ADAPTERS) this.#words[words + SENT] = sent + 1;
    // The last one is at the front; one that is not known yet pushes the oldest out.
    const last = Math.min(at, MAX_ADAPTERS - 1);
    this.#words.copyWithin(first + 1, first, first + last);
    this.#words[first] = model;
  }

  /** It has said that it does not have a model. @param tick now, in seconds */
  noteAbsent(slot: number, model: number, tick: number): void {
    if (!this.#isCurrent(slot)) return;
    const first = this.#row(slot) * WORDS + ABSENT;
    let at = first;
    // Its own place, or that of the one that is over first.
    for (let i = first; i < first + 2 * MAX_ABSENT; i += 2) {
      if (this.#words[i] === model) {
        at = i;
        break;
      }
      if ((this.#words[i + 1] as number) < (this.#words[at + 1] as number)) at = i;
    }
    this.#words[at] = model;
    this.#words[at + 1] = tick + ABSENT_SECONDS;
  }

  /** It has served a model. */
  noteModel(slot: number, model: number): void {
    if (!this.#isCurrent(slot)) return;
    const first = this.#row(slot) * WORDS + ABSENT;
    for (let i = first; i < first + 2 * MAX_ABSENT; i += 2)
      if (this.#words[i] === model) this.#words[i + 1] = 0;
  }

  isAbsent(slot: number, model: number, tick: number): boolean {
    const first = this.#row(slot) * WORDS + ABSENT;
    for (let i = first; i < first + 2 * MAX_ABSENT; i += 2)
      if (this.#words[i] === model) return (this.#words[i + 1] as number) > tick;
    return false;
  }

  /**
   * Takes a row from its name and makes it fit for another: from now on nothing is counted or noted in it under the slot that it had.
   * @returns false: something is in flight there, and all is as it was
   */
  retire(slot: number): boolean {
    const row = this.#row(slot);
    const generation = this.#generation(slot);
    const idle = wordOf(generation, 0);
    const next = wordOf((generation + 1) & GENERATIONS, 0);
    if (Atomics.compareExchange(this.#words, row * WORDS + IN_FLIGHT, idle, next) !== idle) return false;
    this.#figures.fill(0, row * FIGURES, (row + 1) * FIGURES);
    this.#words.fill(0, row * WORDS + IN_FLIGHT + 1, (row + 1) * WORDS);
    return true;
  }
}

function wordOf(generation: number, inFlight: number): number {
  return (generation << IN_FLIGHT_BITS) | inFlight;
}
