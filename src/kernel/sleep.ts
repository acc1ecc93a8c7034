import { startTimer, stopTimer } from './clock.ts';

/** Resolves after the time, or at once when the signal is aborted: whoever waits asks the signal which it was. */
export async function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = startTimer(durationMs, resolve);
  const stop = () => resolve();
  signal?.addEventListener('abort', stop, { once: true });
  await promise;
  signal?.removeEventListener('abort', stop);
  stopTimer(timer);
}

/** In the next turn of the event loop, which no clock moves on. */
export function nextTurn(run: () => void): NodeJS.Immediate {
  return setImmediate(run);
}
