import type { Decision } from '../decision.ts';
import type { Observer } from '../observer.ts';

/** Requests of one worker by how they ended; Float64 in shared memory, written by that worker alone. */
export const COUNTER_NAMES = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx', 'seconds'] as const;
const WIDTH = COUNTER_NAMES.length;
const SECONDS = WIDTH - 1;

export class RequestCounters implements Observer {
  readonly #columns: Float64Array;
  readonly #base: number;

  constructor(buffer: SharedArrayBuffer, worker: number) {
    this.#columns = new Float64Array(buffer);
    this.#base = worker * WIDTH;
  }

  static buffer(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(workers * WIDTH * 8);
  }

  ended({ status = 0, durationMs = 0 }: Decision): void {
    this.count(status, durationMs);
  }

  /** @param status 0 for a request whose client left */
  count(status: number, durationMs: number): void {
    this.#columns[this.#base + Math.min(5, Math.floor(status / 100))]! += 1;
    this.#columns[this.#base + SECONDS]! += durationMs / 1000;
  }

  /** Sum over all workers, in the order of {@link COUNTER_NAMES}. */
  totals(): number[] {
    const sums = COUNTER_NAMES.map(() => 0);
    this.#columns.forEach((value, i) => {
      sums[i % WIDTH]! += value;
    });
    return sums;
  }
}
