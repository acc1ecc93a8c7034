import { type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { Route } from '../../plan/index.ts';
import { maxStream, requestTimeout, type TimeLimit } from './time-limit.ts';

interface Timed extends Payer {
  timedOut(limit: TimeLimit): void;
}

/** How long a request may take in all, as its route says. */
export class RouteTimeouts {
  readonly #timers: readonly Timer[];

  private constructor(timers: readonly Timer[]) {
    this.#timers = timers;
  }

  /** @returns undefined where its route sets no limit. */
  static of(
    { requestMs = 0, maxStreamMs = 0 }: Route['timeouts'],
    request: Timed,
  ): RouteTimeouts | undefined {
    if (requestMs <= 0 && maxStreamMs <= 0) return undefined;
    const timers: Timer[] = [];
    if (maxStreamMs > 0)
      timers.push(startTimerFor(request, maxStreamMs, () => request.timedOut(maxStream(maxStreamMs))));
    if (requestMs > 0)
      timers.push(startTimerFor(request, requestMs, () => request.timedOut(requestTimeout(requestMs))));
    return new RouteTimeouts(timers);
  }

  stop(): void {
    for (const timer of this.#timers) stopTimer(timer);
  }
}
