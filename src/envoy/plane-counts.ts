import type { Plan } from '../plan/index.ts';
import type { LimitCounts } from '../plane/index.ts';
import type { PickerState } from './ext-proc/picker-state.ts';
import { type ClusterStats, limitCountsOf } from './process/cluster-stats.ts';

type Counts = ReturnType<PickerState['snapshot']>;

/** What the picker counts exactly, with what only Envoy knows, of all that the plan has. */
export function planeCounts(plan: Plan | undefined, picked: Counts, stats: ClusterStats): Counts {
  if (plan === undefined) return { limits: [], endpoints: [] };
  const ofPools = new Set(
    plan.clusters.filter(({ kind }) => kind === 'pool').flatMap(c => [c.limit, c.poolLimit]),
  );
  const own = new Map(picked.limits.map(counts => [counts.scope, counts]));
  const pools = new Set(plan.pools.map(({ name }) => name));
  return {
    limits: plan.limits.map(scope => {
      const counted = limitCountsOf(scope, stats);
      const exact = ofPools.has(scope.name) ? own.get(scope.name) : undefined;
      return exact === undefined ? counted : together(exact, counted);
    }),
    endpoints: picked.endpoints.filter(({ pool }) => pools.has(pool)),
  };
}

function together(picker: LimitCounts, envoy: LimitCounts): LimitCounts {
  const overflow: Record<string, number> = { ...envoy.overflow };
  for (const [limit, refused] of Object.entries(picker.overflow))
    overflow[limit] = (overflow[limit] ?? 0) + refused;
  return { ...envoy, active: picker.active, overflow };
}
