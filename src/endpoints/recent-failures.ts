import { rowBits } from '../kernel/index.ts';

/** What one failure counts for, in requests, when it has just happened. It fades with the time that follows. */
const FIRST_FADE_MS = 1000;
/** Twice as long for each more in a row, up to this: longer than most answers take. */
const MAX_DOUBLINGS = 6;
/** An error that may be the client's counts from the third in a row on: then it is not one client's. */
const CLIENT_ERRORS = 3;
/** Less than this is forgotten: a server that is well again is asked even where others have nothing to do. */
const LEAST = 0.25;

/** What crosses to a worker: two numbers and a count for each row. */
export const RECENT_FAILURE_BYTES = 20;

/**
 * What endpoints failed lately, as load: requests that ended at once, and for nothing, still count as if they were in
 * flight. Without that, an endpoint that fails fast looks idle, and draws the requests of all.
 * A failure counts as one request and fades exponentially; the more failures in a row, the slower, so that a server that
 * does nothing but fail gets no more than its share even where good answers take a minute.
 * Workers write without locks: a failure that is lost costs one pick.
 */
export class RecentFailures {
  readonly #loads: Float64Array;
  readonly #atMs: Float64Array;
  readonly #inARow: Int32Array;
  readonly #mask: number;

  /** @param offset of its {@link RECENT_FAILURE_BYTES} a slot, a multiple of 8 */
  constructor(buffer: SharedArrayBuffer, offset: number, slots: number) {
    this.#mask = (1 << rowBits(slots)) - 1;
    this.#loads = new Float64Array(buffer, offset, slots);
    this.#atMs = new Float64Array(buffer, offset + slots * 8, slots);
    this.#inARow = new Int32Array(buffer, offset + slots * 16, slots);
  }

  answered(slot: number, status: number, nowMs: number): void {
    if (status < 300) this.#inARow[slot & this.#mask] = (this.#inARow[slot & this.#mask] as number) >> 1;
    else this.#add(slot, status < 500 && status !== 429, nowMs);
  }

  /** It could not be reached, broke off, or took too long. */
  failed(slot: number, nowMs: number): void {
    this.#add(slot, false, nowMs);
  }

  /** In requests. */
  load(slot: number, nowMs: number): number {
    const load = this.#loads[slot & this.#mask] as number;
    if (load === 0) return 0;
    const fadeMs = FIRST_FADE_MS * 2 ** Math.min(this.#inARow[slot & this.#mask] as number, MAX_DOUBLINGS);
    const now = load * Math.exp(((this.#atMs[slot & this.#mask] as number) - nowMs) / fadeMs);
    return now < LEAST ? 0 : now;
  }

  reset(slot: number): void {
    this.#loads[slot & this.#mask] = 0;
    this.#inARow[slot & this.#mask] = 0;
  }

  #add(slot: number, mayBeClients: boolean, nowMs: number): void {
    const before = this.load(slot, nowMs);
    const inARow = (this.#inARow[slot & this.#mask] as number) + 1;
    this.#loads[slot & this.#mask] = before + (mayBeClients && inARow < CLIENT_ERRORS ? 0 : 1);
    this.#atMs[slot & this.#mask] = nowMs;
    this.#inARow[slot & this.#mask] = Math.min(inARow, MAX_DOUBLINGS);
  }
}
