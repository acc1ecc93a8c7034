import type { Plan } from '../../plan/index.ts';
import { addressId, endpointKey } from '../endpoint-id.ts';
import type { HealthTable } from '../health-table.ts';
import { type Check, CheckLoop } from './check-loop.ts';

/** Active health checking of clusters whose policy asks for it (envoy.config.core.v3.HealthCheck). */
export class ActiveChecks {
  readonly #health: HealthTable;
  readonly #onChange: (message: string) => void;
  /** By row and policy; a changed policy begins anew. */
  readonly #running = new Map<string, CheckLoop>();

  constructor(health: HealthTable, onChange: (message: string) => void) {
    this.#health = health;
    this.#onChange = onChange;
  }

  apply(plan: Plan, slots: ReadonlyMap<string, number>): void {
    const wanted = new Map(checksOf(plan, slots).map(check => [JSON.stringify(check), check]));
    for (const [key, loop] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      loop.stop();
    }
    for (const [key, check] of wanted)
      if (!this.#running.has(key)) this.#running.set(key, new CheckLoop(check, this.#health, this.#onChange));
  }

  close(): void {
    for (const loop of this.#running.values()) loop.stop();
    this.#running.clear();
  }
}

function checksOf(plan: Plan, slots: ReadonlyMap<string, number>): Check[] {
  const pools = new Map(plan.pools.map(pool => [pool.name, pool]));
  return plan.clusters.flatMap(cluster => {
    const policy = cluster.activeHealthCheck;
    if (policy === undefined) return [];
    const pool = pools.get(cluster.pool ?? '');
    const owner = pool?.name ?? cluster.name;
    return (pool?.endpoints ?? cluster.endpoints).flatMap(({ address, port }) => {
      const slot = slots.get(endpointKey(owner, addressId({ address, port })));
      return slot === undefined
        ? []
        : [{ slot, address, port, policy, host: cluster.name, tls: cluster.tls }];
    });
  });
}
