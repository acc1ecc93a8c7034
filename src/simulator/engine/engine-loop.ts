import { monotonicMs, nextTurn, startTimer, stopTimer } from '../../kernel/index.ts';
import type { Engine } from './engine.ts';
import { stepDurationMs, type Timing } from './timing.ts';
import type { Sequence, SequenceRequest } from './token-sequence.ts';

export interface Clock {
  /** Monotonic, in ms. */
  now(): number;
  /** @returns a function that calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: monotonicMs,
  after(delayMs, run) {
    if (delayMs <= 0) {
      const immediate = nextTurn(run);
      return () => clearImmediate(immediate);
    }
    const timer = startTimer(delayMs, run);
    return () => stopTimer(timer);
  },
};

/** How far the steps may lag behind their times before the lag is forgotten; below it, later steps make it up. */
const MAX_LAG_MS = 100;

/** Steps in one go when they are shorter than a timer's resolution. */
const MAX_STEPS_AT_ONCE = 32;

/** Drives an engine: one step after the other as long as there is work, each as long as the timing says. */
export class EngineLoop {
  readonly #engine: Engine;
  readonly #timing: Timing;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** End of the step that runs; undefined when idle. */
  #endMs: number | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(engine: Engine, timing: Timing, clock: Clock, random: () => number) {
    this.#engine = engine;
    this.#timing = timing;
    this.#clock = clock;
    this.#random = random;
  }

  add(request: SequenceRequest): Sequence {
    const now = this.#clock.now();
    const sequence = this.#engine.add(request, now);
    // Sequences that arrive together start in one step.
    if (this.#endMs === undefined && this.#cancel === undefined && !this.#closed)
      this.#cancel = this.#clock.after(0, () => this.#run());
    return sequence;
  }

  abort(sequence: Sequence): void {
    this.#engine.abort(sequence, this.#clock.now());
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #run(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    for (let steps = 0; steps < MAX_STEPS_AT_ONCE; steps++) {
      let beginMs = now;
      if (this.#endMs !== undefined) {
        if (this.#endMs > now) break;
        this.#engine.end(now);
        beginMs = Math.max(this.#endMs, now - MAX_LAG_MS);
      }
      const work = this.#engine.begin(now);
      if (work === undefined) {
        this.#endMs = undefined;
        return;
      }
      this.#endMs = beginMs + stepDurationMs(this.#timing, work, this.#random);
    }
    if (!this.#closed)
      this.#cancel = this.#clock.after(Math.max(0, this.#endMs! - this.#clock.now()), () => this.#run());
  }
}
