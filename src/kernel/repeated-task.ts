import { monotonicMs, startTimer, stopTimer, type Timer } from './clock.ts';
import { type OnFault, tell } from './guard.ts';

export interface RepeatedTaskOptions {
  /** What it does, in words that a person knows. */
  readonly task: string;
  /** Between the end of one run and the begin of the next; undefined: it runs when it is asked for ({@link RepeatedTask.soon}). */
  readonly everyMs?: number;
  /** After the first failure; doubled with each that follows. Default: `everyMs`, or a second. */
  readonly backoffMs?: number;
  /** The longest after failures in a row. Default: a minute, or `everyMs` if that is more. */
  readonly maxBackoffMs?: number;
  readonly onFault: OnFault;
  /** It does not keep the process alive. */
  readonly background?: boolean;
}

const BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Something that is done again and again, or when it is asked for; never twice at once, and it goes on whatever it throws:
 *
 *     idle ──start, soon──▶ waiting ──▶ running ──▶ waiting (everyMs; more after failures) ──▶ running ── … ──stop──▶ stopped
 *       ▲                                  └─without everyMs, well──▶ idle
 */
export class RepeatedTask {
  readonly #options: RepeatedTaskOptions;
  readonly #run: () => unknown;
  #timer: Timer | undefined;
  #failures = 0;
  #dueAtMs = 0;
  /** It was asked for while it ran. */
  #askedInMs: number | undefined;
  #state: 'idle' | 'running' | 'waiting' | 'stopped' = 'idle';

  constructor(options: RepeatedTaskOptions, run: () => unknown) {
    this.#options = options;
    this.#run = run;
  }

  /** @param inMs when it runs for the first time */
  start(inMs = 0): this {
    if (this.#state === 'idle') this.#wait(inMs);
    return this;
  }

  /**
   * It runs once more, not later than in so many milliseconds; what asks meanwhile is served by the same run. After a failure it
   * does not wait for its time.
   */
  soon(inMs = 0): void {
    if (this.#state === 'running') this.#askedInMs = Math.min(inMs, this.#askedInMs ?? inMs);
    else if (this.#state === 'idle') this.#wait(inMs);
    else if (this.#state === 'waiting' && monotonicMs() + inMs < this.#dueAtMs) {
      stopTimer(this.#timer);
      this.#wait(inMs);
    }
  }

  /** It does not run again; what runs is not broken off. */
  stop(): void {
    this.#state = 'stopped';
    stopTimer(this.#timer);
  }

  #wait(ms: number): void {
    this.#state = 'waiting';
    this.#dueAtMs = monotonicMs() + ms;
    this.#timer = startTimer(ms, () => void this.#once());
    if (this.#options.background === true) this.#timer.unref();
  }

  async #once(): Promise<void> {
    if (this.#stopped) return;
    this.#state = 'running';
    const { task, everyMs, onFault, backoffMs = everyMs ?? BACKOFF_MS } = this.#options;
    const { maxBackoffMs = Math.max(MAX_BACKOFF_MS, everyMs ?? 0) } = this.#options;
    let nextMs = everyMs;
    try {
      await this.#run();
      this.#failures = 0;
    } catch (thrown) {
      nextMs = Math.min(Math.max(backoffMs, 1) * 2 ** this.#failures++, maxBackoffMs);
      tell(onFault, task, thrown, this.#failures, this.#stopped ? undefined : nextMs);
    }
    if (this.#stopped) return;
    const askedInMs = this.#askedInMs;
    this.#askedInMs = undefined;
    const inMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, askedInMs ?? Number.POSITIVE_INFINITY);
    if (inMs === Number.POSITIVE_INFINITY) this.#state = 'idle';
    else this.#wait(inMs);
  }

  get #stopped(): boolean {
    return this.#state === 'stopped';
  }
}
