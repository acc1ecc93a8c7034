import { setTimeout as delay } from 'node:timers/promises';

/**
 * Whoever plays a part in a test takes so long: a model server that thinks, a client that is slow or comes back later, a user who
 * edits. It is the input of a test, and never a wait for what the program does: that is `until`, an event or a virtual clock.
 * @param signal ends it early
 */
export async function peerTakes(durationMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
