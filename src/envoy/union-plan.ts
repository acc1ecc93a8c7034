import type { Plan } from '../plan/index.ts';

/**
 * The plan, with clusters, pools and limits of the one before that it has no more: until an Envoy has taken the new plan, and
 * all its workers have, it asks about those too. @returns the plan itself where nothing is gone
 */
export function unionPlan(plan: Plan, before: Plan | undefined): Plan {
  if (before === undefined) return plan;
  const clusters = gone(plan.clusters, before.clusters);
  const pools = gone(plan.pools, before.pools);
  const limits = gone(plan.limits, before.limits);
  if (clusters.length + pools.length + limits.length === 0) return plan;
  return {
    ...plan,
    clusters: [...plan.clusters, ...clusters],
    pools: [...plan.pools, ...pools],
    limits: [...plan.limits, ...limits],
  };
}

function gone<T extends { readonly name: string }>(now: readonly T[], before: readonly T[]): T[] {
  const names = new Set(now.map(({ name }) => name));
  return before.filter(({ name }) => !names.has(name));
}
