import { SCORERS } from '../plan/index.ts';
import { REMOVED_BY } from './filters.ts';

const FIXED = 6;
const IN_FLIGHT = 0;
const RUNNING = 1;
const WAITING = 2;
const KV_CACHE = 3;
const AGE = 4;
const REMOVED = 5;
/** Numbers kept of a candidate: the fixed ones, then a score for each scorer. */
const WIDTH = FIXED + SCORERS.length;

/** 4 MiB of each worker: 11,000 picks among 4 endpoints, 470 among 100. */
const DEFAULT_NUMBERS = 1 << 19;

/** A candidate as it was weighed. */
export interface WeighedCandidate {
  readonly endpoint: string;
  readonly removedBy?: string;
  readonly inFlight: number;
  /** Absent where never scraped. */
  readonly metrics?: {
    readonly running: number;
    readonly waiting: number;
    /** Absent: not known. */
    readonly kvCacheUsage?: number;
    readonly ageMs: number;
  };
  readonly scores: readonly { readonly scorer: string; readonly score: number; readonly weight: number }[];
  /** Absent for those that a filter removed. */
  readonly total?: number;
}

/** Where a pick's numbers are, and what they are about. */
export interface PickEntry {
  readonly start: number;
  readonly endpoints: readonly string[];
  readonly weights: Float64Array;
}

/** The numbers of the last picks in one ring, so that to remember a pick makes no garbage. */
export class PickLog {
  readonly #numbers: Float64Array;
  /** Numbers written since the start: positions are taken modulo the ring's length. */
  #written = 0;

  constructor(numbers = DEFAULT_NUMBERS) {
    this.#numbers = new Float64Array(numbers);
  }

  /** Begins an entry for so many candidates. @returns its place; -1 when it would not fit */
  begin(candidates: number): number {
    const length = candidates * WIDTH;
    const ring = this.#numbers.length;
    if (length > ring) return -1;
    // An entry is not cut in two by the ring's end.
    const left = ring - (this.#written % ring);
    if (left < length) this.#written += left;
    const start = this.#written;
    this.#written += length;
    return start;
  }

  candidate(
    start: number,
    index: number,
    inFlight: number,
    running: number,
    waiting: number,
    kvCacheUsage: number,
    ageMs: number,
    removedBy: number,
  ): void {
    const at = (start % this.#numbers.length) + index * WIDTH;
    this.#numbers[at + IN_FLIGHT] = inFlight;
    this.#numbers[at + RUNNING] = running;
    this.#numbers[at + WAITING] = waiting;
    this.#numbers[at + KV_CACHE] = kvCacheUsage;
    this.#numbers[at + AGE] = ageMs;
    this.#numbers[at + REMOVED] = removedBy;
    for (let i = at + FIXED; i < at + WIDTH; i++) this.#numbers[i] = Number.NaN;
  }

  score(start: number, index: number, scorer: number, score: number): void {
    this.#numbers[(start % this.#numbers.length) + index * WIDTH + FIXED + scorer] = score;
  }

  /** @returns undefined when newer picks have taken the place */
  read(entry: PickEntry): WeighedCandidate[] | undefined {
    if (entry.start < 0 || this.#written - entry.start > this.#numbers.length) return undefined;
    const base = entry.start % this.#numbers.length;
    return entry.endpoints.map((endpoint, i) => this.#candidate(endpoint, base + i * WIDTH, entry.weights));
  }

  #candidate(endpoint: string, at: number, weights: Float64Array): WeighedCandidate {
    const number = (column: number) => this.#numbers[at + column] as number;
    const removedBy = REMOVED_BY[number(REMOVED)];
    const scores = SCORERS.map((scorer, i) => ({
      scorer,
      score: number(FIXED + i),
      weight: weights[i] as number,
    })).filter(({ score }) => !Number.isNaN(score));
    const age = number(AGE);
    return {
      endpoint,
      ...(removedBy ? { removedBy } : {}),
      inFlight: number(IN_FLIGHT),
      ...(Number.isFinite(age)
        ? {
            metrics: {
              running: number(RUNNING),
              waiting: number(WAITING),
              ...(Number.isNaN(number(KV_CACHE)) ? {} : { kvCacheUsage: number(KV_CACHE) }),
              ageMs: age,
            },
          }
        : {}),
      scores,
      ...(removedBy || scores.length === 0
        ? {}
        : { total: scores.reduce((sum, { score, weight }) => sum + score * weight, 0) }),
    };
  }
}
