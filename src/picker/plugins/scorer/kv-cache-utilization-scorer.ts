import { numberParameter } from '../parameter.ts';
import { scorer } from '../plugin.ts';
import { metricsStalenessThresholdMs } from '../staleness.ts';

export const kvCacheUtilizationScorer = scorer({
  name: 'kv-cache-utilization-scorer',
  defaultWeight: 2,
  parameters: {
    metricsStalenessThresholdMs,
    unknownScore: numberParameter({
      default: 0.5,
      unit: '0..1',
      min: 0,
      max: 1,
      meaning: 'the score of an endpoint whose usage nobody knows',
    }),
  },
  needs: ['kv-cache'],
  prepare:
    ({ metricsStalenessThresholdMs: staleMs, unknownScore }) =>
    ({ table, slots, nowMs }, scores) => {
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i] as number;
        const usage = table.kvCacheUsage(slot);
        scores[i] =
          table.ageMs(slot, nowMs) > staleMs || Number.isNaN(usage)
            ? unknownScore
            : 1 - Math.min(1, Math.max(0, usage));
      }
    },
});
