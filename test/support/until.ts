import { setTimeout as delay } from 'node:timers/promises';

/** Most of what a test waits for comes soon; what does not is not asked for so often. */
const SOON_MS = 1000;
const OFTEN_MS = 5;
const SELDOM_MS = 20;

/** Asks again until there is an answer; fails with what was waited for. */
export async function until<T>(
  what: string | (() => string),
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 60_000,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > withinMs)
      throw new Error(`not within ${withinMs / 1000} s: ${typeof what === 'string' ? what : what()}`);
    await delay(waitedMs < SOON_MS ? OFTEN_MS : SELDOM_MS);
  }
}
