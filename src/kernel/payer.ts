import { startInterval, startTimer, type Timer } from './clock.ts';
import { nextTurn } from './sleep.ts';

/** Who pays when something throws that was done for it: a request, a connection. It is told, and does not throw. */
export interface Payer {
  fault(thrown: unknown): void;
}

/** {@link startTimer} for something that somebody pays for. */
export function startTimerFor(payer: Payer, durationMs: number, run: () => void): Timer {
  return startTimer(durationMs, () => runFor(payer, run));
}

/** Again and again, without keeping the process alive. */
export function startIntervalFor(payer: Payer, everyMs: number, run: () => void): Timer {
  return startInterval(everyMs, () => runFor(payer, run)).unref();
}

/** In the next turn of the event loop. */
export function runSoonFor(payer: Payer, run: () => void): void {
  nextTurn(() => runFor(payer, run));
}

/** Now. */
export function runFor(payer: Payer, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    payer.fault(thrown);
  }
}
