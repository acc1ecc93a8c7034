/** What external pickers answered, and what became of it. */
export const PICK_RESULTS = [
  'placed',
  'replied',
  'unavailable',
  'timeout',
  'broken-off',
  'malformed',
  'outside-pool',
  'no-endpoint',
] as const;
export type PickResult = (typeof PICK_RESULTS)[number];
const WIDTH = PICK_RESULTS.length;

/** Picks of one worker by result; Float64 in shared memory, written by that worker alone. */
export class PickCounters {
  readonly #columns: Float64Array;
  readonly #base: number;

  constructor(buffer: SharedArrayBuffer, worker: number) {
    this.#columns = new Float64Array(buffer);
    this.#base = worker * WIDTH;
  }

  static buffer(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(workers * WIDTH * 8);
  }

  count(result: PickResult): void {
    this.#columns[this.#base + PICK_RESULTS.indexOf(result)]! += 1;
  }

  /** Sum over all workers, in the order of {@link PICK_RESULTS}. */
  totals(): number[] {
    const sums = PICK_RESULTS.map(() => 0);
    this.#columns.forEach((value, i) => {
      sums[i % WIDTH]! += value;
    });
    return sums;
  }
}
