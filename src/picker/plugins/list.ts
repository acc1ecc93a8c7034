import { alreadyTriedFilter } from './filter/already-tried-filter.ts';
import { healthFilter } from './filter/health-filter.ts';
import { loraSlotFilter } from './filter/lora-slot-filter.ts';
import { modelAbsentFilter } from './filter/model-absent-filter.ts';
import type { Filter, Scorer } from './plugin.ts';
import { inFlightScorer } from './scorer/in-flight-scorer.ts';
import { kvCacheUtilizationScorer } from './scorer/kv-cache-utilization-scorer.ts';
import { loraAffinityScorer } from './scorer/lora-affinity-scorer.ts';
import { prefixCacheScorer } from './scorer/prefix-cache-scorer.ts';
import { queueScorer } from './scorer/queue-scorer.ts';

/** In the order in which they look. */
export const FILTERS: readonly Filter[] = [
  healthFilter,
  alreadyTriedFilter,
  modelAbsentFilter,
  loraSlotFilter,
];

/** In the order in which `explain` shows them. */
export const SCORERS: readonly Scorer[] = [
  queueScorer,
  kvCacheUtilizationScorer,
  loraAffinityScorer,
  inFlightScorer,
  prefixCacheScorer,
];
