import { addressId, endpointKey } from '../../endpoints/index.ts';
import type { Cluster, Plan, Pool } from '../../plan/index.ts';

/** The names that have rows in the shared tables. */
export interface RowNames {
  readonly limits: ReadonlySet<string>;
  readonly endpoints: ReadonlySet<string>;
}

/** What parts of a plan need in the tables. */
export class PlanRows {
  readonly #plan: Plan;
  readonly #pools: ReadonlyMap<string, Pool>;
  /** Scopes that bound connections per endpoint: a row for each endpoint. */
  readonly #perEndpoint: ReadonlySet<string>;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#pools = new Map(plan.pools.map(pool => [pool.name, pool]));
    this.#perEndpoint = new Set(
      plan.limits
        .filter(scope => scope.thresholds.maxConnectionsPerEndpoint !== undefined)
        .map(scope => scope.name),
    );
  }

  all(): RowNames {
    const limits = new Set(this.#plan.limits.map(scope => scope.name));
    const endpoints = new Set(this.#plan.pools.flatMap(pool => this.ofPool(pool)));
    for (const cluster of this.#plan.clusters) {
      const own = this.ofCluster(cluster);
      for (const name of own.limits) limits.add(name);
      for (const name of own.endpoints) endpoints.add(name);
    }
    return { limits, endpoints };
  }

  /** Of the endpoints of a pool. */
  ofPool({ name, endpoints }: Pool): string[] {
    return endpoints.map(({ id }) => endpointKey(name, id));
  }

  /** Those of its pool's endpoints are the pool's. */
  ofCluster(cluster: Cluster): { limits: string[]; endpoints: string[] } {
    const { name, limit, poolLimit } = cluster;
    const limits = poolLimit === undefined ? [limit] : [limit, poolLimit];
    const own = cluster.endpoints.map(addressId);
    if (this.#perEndpoint.has(limit)) {
      const ids = this.#pools.get(cluster.pool ?? '')?.endpoints.map(({ id }) => id) ?? own;
      for (const id of ids) limits.push(endpointKey(limit, id));
    }
    return { limits, endpoints: own.map(id => endpointKey(name, id)) };
  }
}
