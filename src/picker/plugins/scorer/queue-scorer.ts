import { fewerIsBetter } from '../fewer-is-better.ts';
import { scorer } from '../plugin.ts';
import { metricsStalenessThresholdMs } from '../staleness.ts';

export const queueScorer = scorer({
  name: 'queue-scorer',
  defaultWeight: 2,
  parameters: { metricsStalenessThresholdMs },
  needs: ['waiting'],
  prepare:
    ({ metricsStalenessThresholdMs: staleMs }) =>
    ({ table, health, slots, removed, nowMs }, scores) => {
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i] as number;
        // For each request that has ended since, one that waited has begun.
        const waiting =
          table.ageMs(slot, nowMs) > staleMs
            ? 0
            : Math.max(0, table.waiting(slot) + Math.min(0, table.sinceScrape(slot)));
        scores[i] = waiting + health.recentFailures.load(slot, nowMs);
      }
      fewerIsBetter(scores, removed, slots.length);
    },
});
