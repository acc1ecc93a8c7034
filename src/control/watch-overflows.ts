import { startInterval, stopTimer } from '../kernel/index.ts';
import { OverflowWatch } from './overflow-watch.ts';
import type { Runtime } from './runtime.ts';

/** A line per limit and second at most. */
const INTERVAL_MS = 1_000;

/** Turns the counters of refusals into events. Returns what ends it. */
export function watchOverflows(runtime: Runtime): () => void {
  const watch = new OverflowWatch();
  let looking = false;
  const timer = startInterval(INTERVAL_MS, async () => {
    if (looking) return;
    looking = true;
    try {
      const { limits } = await runtime.plane.snapshot();
      for (const event of watch.next(runtime.cycle?.translation.plan, limits)) runtime.log.add(event);
    } catch {
      // The plane is closing, or says by its own event that it is in trouble.
    } finally {
      looking = false;
    }
  });
  timer.unref();
  return () => stopTimer(timer);
}
