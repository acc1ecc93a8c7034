import type { Plan } from '../plan/index.ts';

/**
 * A request keeps the routes that it came by until it has left for its endpoint: it may wait for the picker, or send its body, when a
 * plan without its cluster comes. The slowest body has so long.
 */
export const RETIRED_MS = 60_000;
/** Of plans whose names change all the time. */
const MAX_PLANS = 32;

/** What plans had that later ones have no more, for as long as requests may still be on their way to it. */
export class RetiredPlans {
  #left: { readonly plan: Plan; readonly sinceMs: number }[] = [];

  /** @param plan another one follows it */
  leave(plan: Plan, nowMs: number): void {
    this.#left = [{ plan, sinceMs: nowMs }, ...this.#left].slice(0, MAX_PLANS);
  }

  /** @returns the plan itself where nothing lingers */
  union(plan: Plan, nowMs: number): Plan {
    this.#left = this.#left.filter(({ sinceMs }) => nowMs - sinceMs < RETIRED_MS);
    return this.#left.reduce((all, { plan: before }) => unionPlan(all, before), plan);
  }
}

/** The plan, with clusters, pools and limits of another one that it has not. */
function unionPlan(plan: Plan, before: Plan): Plan {
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
  // A plan shares with the one before what has not changed.
  if (now === before) return [];
  const names = new Set(now.map(({ name }) => name));
  return before.filter(({ name }) => !names.has(name));
}
