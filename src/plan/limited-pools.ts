import type { Plan } from './plan.ts';

/**
 * Pools of which a policy limits what is in flight, over a route or over all: only who holds their permits may let requests go.
 * The defaults are no promise to anybody: each Envoy keeps to them by itself as well.
 * @returns Pool.name of each
 */
export function limitedPools({ clusters, limits }: Pick<Plan, 'clusters' | 'limits'>): ReadonlySet<string> {
  const set = new Set(limits.filter(({ policy }) => policy !== undefined).map(({ name }) => name));
  const limited = new Set<string>();
  for (const { pool, limit, poolLimit } of clusters)
    if (pool !== undefined && (set.has(limit) || (poolLimit !== undefined && set.has(poolLimit))))
      limited.add(pool);
  return limited;
}
