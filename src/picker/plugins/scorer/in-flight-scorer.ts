import { fewerIsBetter } from '../fewer-is-better.ts';
import { scorer } from '../plugin.ts';
import { metricsStalenessThresholdMs } from '../staleness.ts';

/**
 * All that the endpoint has to do: what its figures show and what was sent since; our own count where there are none. What
 * it failed lately counts as well.
 */
export const inFlightScorer = scorer({
  name: 'in-flight-scorer',
  // What is in flight weighs as much as a queue.
  defaultWeight: 2,
  parameters: { metricsStalenessThresholdMs },
  needs: ['running', 'waiting'],
  prepare:
    ({ metricsStalenessThresholdMs: staleMs }) =>
    ({ table, health, slots, removed, nowMs }, scores) => {
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i] as number;
        const inFlight = table.inFlight(slot);
        const atWork =
          table.ageMs(slot, nowMs) > staleMs
            ? inFlight
            : Math.max(inFlight, table.running(slot) + table.waiting(slot) + table.sinceScrape(slot));
        scores[i] = atWork + health.recentFailures.load(slot, nowMs);
      }
      fewerIsBetter(scores, removed, slots.length);
    },
});
