import { type OnFault, tell } from './guard.ts';
import { startTimer } from './timer.ts';

export interface RepeatedTaskOptions {
  /** What it does, in words that a person knows. */
  readonly task: string;
  /** Between the end of one run and the begin of the next. */
  readonly everyMs: number;
  /** After failures in a row: `everyMs`, doubled each time, up to this. Default: a minute, or `everyMs` if that is more. */
  readonly maxBackoffMs?: number;
  readonly onFault: OnFault;
  /** It does not keep the process alive. */
  readonly background?: boolean;
  readonly timers?: Timers;
}

/** Timers from outside, for a virtual clock in tests. */
export interface Timers {
  start(durationMs: number, run: () => void): NodeJS.Timeout;
  stop(timer: NodeJS.Timeout): void;
}

const REAL_TIMERS: Timers = { start: startTimer, stop: clearTimeout };
const MAX_BACKOFF_MS = 60_000;

/**
 * Something that is done again and again, never twice at once, and goes on whatever it throws:
 *
 *     idle ──start──▶ running ──▶ waiting (everyMs; more after failures) ──▶ running ── … ──stop──▶ stopped
 */
export class RepeatedTask {
  readonly #options: RepeatedTaskOptions;
  readonly #run: () => unknown;
  readonly #timers: Timers;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #state: 'idle' | 'running' | 'waiting' | 'stopped' = 'idle';

  constructor(options: RepeatedTaskOptions, run: () => unknown) {
    this.#options = options;
    this.#run = run;
    this.#timers = options.timers ?? REAL_TIMERS;
  }

  /** @param inMs when it runs for the first time */
  start(inMs = 0): this {
    if (this.#state === 'idle') this.#wait(inMs);
    return this;
  }

  /** It does not run again; what runs is not broken off. */
  stop(): void {
    this.#state = 'stopped';
    if (this.#timer !== undefined) this.#timers.stop(this.#timer);
  }

  #wait(ms: number): void {
    this.#state = 'waiting';
    this.#timer = this.#timers.start(ms, () => void this.#once());
    if (this.#options.background === true) this.#timer.unref();
  }

  async #once(): Promise<void> {
    if (this.#stopped) return;
    this.#state = 'running';
    const { task, everyMs, onFault, maxBackoffMs = Math.max(MAX_BACKOFF_MS, everyMs) } = this.#options;
    let nextMs = everyMs;
    try {
      await this.#run();
      this.#failures = 0;
    } catch (thrown) {
      nextMs = Math.min(Math.max(everyMs, 1) * 2 ** this.#failures++, maxBackoffMs);
      tell(onFault, task, thrown, this.#failures, this.#stopped ? undefined : nextMs);
    }
    if (!this.#stopped) this.#wait(nextMs);
  }

  get #stopped(): boolean {
    return this.#state === 'stopped';
  }
}
