import { until } from '../../test/support/until.ts';
import { type Clock, type Timer, useClock } from './clock.ts';

interface Started extends Timer {
  dueAtMs: number;
  readonly durationMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** Turns of the event loop after each timer: as many as what it set off may need to start the next. */
const TURNS = 4;

/** A clock that stands still until it is moved on: ten minutes take as long as what is done in them. */
export class VirtualClock implements Clock {
  /** In the order in which they were started, which is that of those due at the same time. */
  readonly #started = new Set<Started>();
  readonly #wallOriginMs: number;
  #nowMs = 0;

  private constructor(wallMs: number) {
    this.#wallOriginMs = wallMs;
  }

  /** This thread's clock from now on, until `end` is called. */
  static use(wallMs = Date.UTC(2030, 0, 1)): { readonly clock: VirtualClock; readonly end: () => void } {
    const clock = new VirtualClock(wallMs);
    return { clock, end: useClock(clock) };
  }

  wallMs(): number {
    return this.#wallOriginMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  start(durationMs: number, run: () => void): Timer {
    return this.#add(durationMs, undefined, run);
  }

  repeat(everyMs: number, run: () => void): Timer {
    // As Node: 0 is 1.
    return this.#add(everyMs, Math.max(1, everyMs), run);
  }

  stop(timer: Timer | undefined): void {
    this.#started.delete(timer as Started);
  }

  signal(durationMs: number): AbortSignal {
    const abort = new AbortController();
    this.start(durationMs, () => abort.abort(new DOMException('The time is over', 'TimeoutError')));
    return abort.signal;
  }

  /** Delays of what waits, the next one first. */
  get waitingMs(): readonly number[] {
    return [...this.#started].map(({ dueAtMs }) => dueAtMs - this.#nowMs).sort((a, b) => a - b);
  }

  /** Runs what is due until then, each at its time, with what it leads to. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await settled();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#fire(next);
      await settled();
    }
    this.#nowMs = untilMs;
  }

  /** Moves on to what is due next, and runs it. @returns how far that was */
  async step(): Promise<number> {
    await settled();
    const next = this.#next(Number.POSITIVE_INFINITY);
    if (next === undefined) throw new Error('nothing waits');
    const sinceMs = this.#nowMs;
    this.#fire(next);
    await settled();
    return this.#nowMs - sinceMs;
  }

  /**
   * Moves on to what is due next, again and again, until it is so: what comes from elsewhere, from a socket or a file, has the time
   * that it takes.
   * @param mayMoveOn the clock stands still while it says no
   */
  async until(what: string, isSo: () => boolean, mayMoveOn: () => boolean = () => true): Promise<void> {
    await until(what, async () => {
      if (isSo()) return true;
      if (this.#started.size > 0 && mayMoveOn()) await this.step();
      return isSo();
    });
  }

  #add(durationMs: number, everyMs: number | undefined, run: () => void): Timer {
    const timer: Started = {
      dueAtMs: this.#nowMs + Math.max(0, durationMs),
      durationMs,
      everyMs,
      run,
      unref: () => timer,
      refresh: () => {
        timer.dueAtMs = this.#nowMs + Math.max(0, durationMs);
        return timer;
      },
    };
    this.#started.add(timer);
    return timer;
  }

  #next(untilMs: number): Started | undefined {
    let next: Started | undefined;
    for (const timer of this.#started)
      if (timer.dueAtMs <= untilMs && (next === undefined || timer.dueAtMs < next.dueAtMs)) next = timer;
    return next;
  }

  #fire(timer: Started): void {
    this.#nowMs = Math.max(this.#nowMs, timer.dueAtMs);
    this.#started.delete(timer);
    if (timer.everyMs !== undefined) {
      timer.dueAtMs += timer.everyMs;
      this.#started.add(timer);
    }
    timer.run();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise(resolve => setImmediate(resolve));
}
