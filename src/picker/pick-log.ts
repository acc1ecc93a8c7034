import { type Profile, REMOVED_BY } from './plugins/profile.ts';

const FIXED = 6;
const IN_FLIGHT = 0;
const RUNNING = 1;
const WAITING = 2;
const KV_CACHE = 3;
const AGE = 4;
const REMOVED = 5;

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
  /** -1: they did not fit. */
  readonly start: number;
  readonly endpoints: readonly string[];
  readonly profile: Pick<Profile, 'scorers' | 'weights'>;
}

/** The numbers of the last picks in one ring, so that to remember a pick makes no garbage. */
export class PickLog {
  readonly #numbers: Float64Array;
  /** Numbers written since the start: positions are taken modulo the ring's length. */
  #written = 0;

  constructor(numbers = DEFAULT_NUMBERS) {
    this.#numbers = new Float64Array(numbers);
  }

  /** Begins an entry. Of each candidate the fixed numbers are kept, then one for each scorer. @returns its place; -1 when it would not fit */
  begin(candidates: number, scorers: number): number {
    const length = candidates * (FIXED + scorers);
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
    scorers: number,
    inFlight: number,
    running: number,
    waiting: number,
    kvCacheUsage: number,
    ageMs: number,
    removedBy: number,
  ): void {
    const numbers = this.#numbers;
    const at = (start % numbers.length) + index * (FIXED + scorers);
    numbers[at + IN_FLIGHT] = inFlight;
    numbers[at + RUNNING] = running;
    numbers[at + WAITING] = waiting;
    numbers[at + KV_CACHE] = kvCacheUsage;
    numbers[at + AGE] = ageMs;
    numbers[at + REMOVED] = removedBy;
  }

  /** Nobody was scored. */
  unscored(start: number, scorers: number, count: number): void {
    const numbers = this.#numbers;
    const width = FIXED + scorers;
    let at = (start % numbers.length) + FIXED;
    for (let i = 0; i < count; i++, at += width) numbers.fill(Number.NaN, at, at + scorers);
  }

  /** What a scorer gave those candidates that no filter removed. */
  scores(
    start: number,
    scorer: number,
    scorers: number,
    scores: Float64Array,
    removed: Uint8Array,
    count: number,
  ): void {
    const numbers = this.#numbers;
    const width = FIXED + scorers;
    let at = (start % numbers.length) + FIXED + scorer;
    for (let i = 0; i < count; i++, at += width)
      numbers[at] = removed[i] === 0 ? (scores[i] as number) : Number.NaN;
  }

  /** @returns undefined when newer picks have taken the place */
  read(entry: PickEntry): WeighedCandidate[] | undefined {
    if (entry.start < 0 || this.#written - entry.start > this.#numbers.length) return undefined;
    const base = entry.start % this.#numbers.length;
    const { profile } = entry;
    const width = FIXED + profile.scorers.length;
    return entry.endpoints.map((endpoint, i) => this.#candidate(endpoint, base + i * width, profile));
  }

  #candidate(endpoint: string, at: number, profile: PickEntry['profile']): WeighedCandidate {
    const number = (column: number) => this.#numbers[at + column] as number;
    const removedBy = REMOVED_BY[number(REMOVED)];
    const scores = profile.scorers
      .map((scorer, i) => ({ scorer, score: number(FIXED + i), weight: profile.weights[i] as number }))
      .filter(({ score }) => !Number.isNaN(score));
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
