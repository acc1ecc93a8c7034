import type { MetricsRegistry } from '../../kernel/index.ts';
import { PICK_RESULTS, type PickCounters } from './pick-counters.ts';

export function addExternalPickMetrics({ counter }: MetricsRegistry, picks: PickCounters): void {
  const total = counter('breakwater_external_picks_total', 'What external pickers answered, or why not.', [
    'result',
  ]);
  picks.totals().forEach((value, i) => {
    total.inc({ result: PICK_RESULTS[i] as string }, value);
  });
}
