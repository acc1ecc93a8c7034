import type { SlotMap } from '../../kernel/index.ts';
import type { Cluster, Part, Plan } from '../../plan/index.ts';
import { reducedPlan } from './reduced-plan.ts';
import { PlanRows } from './row-names.ts';

/** A plan as the tables have room for it. */
export interface FittedPlan {
  readonly plan: Plan;
  /** Clusters that found no rows, and why: requests for them are answered with 500. */
  readonly beyond: ReadonlyMap<Part, string>;
}

/** Rows of one table that are to be given. */
class Room {
  readonly #slots: SlotMap;
  readonly #given = new Set<string>();

  constructor(slots: SlotMap) {
    this.#slots = slots;
  }

  /** All of them, or none. */
  give(names: readonly string[]): boolean {
    const fresh = new Set(
      names.filter(name => this.#slots.get(name) === undefined && !this.#given.has(name)),
    );
    if (this.#given.size + fresh.size > this.#slots.left) return false;
    for (const name of fresh) this.#given.add(name);
    return true;
  }

  hasGiven(name: string): boolean {
    return this.#given.has(name) || this.#slots.get(name) !== undefined;
  }
}

/** The plan without the clusters, pools and limits that find no row. What has rows keeps them; of the others the first come first. */
export function fittedPlan(plan: Plan, limits: SlotMap, endpoints: SlotMap): FittedPlan {
  const rows = new PlanRows(plan);
  const room = { limits: new Room(limits), endpoints: new Room(endpoints) };
  const pools = plan.pools.filter(pool => room.endpoints.give(rows.ofPool(pool)));
  const poolNames = new Set(pools.map(({ name }) => name));
  const beyond = new Map<Cluster, string>();
  const words = (table: string, size: number) =>
    `no row is left in the table of ${table}, which has ${size}: remove routes or endpoints, or serve some of them by another gateway`;
  for (const cluster of plan.clusters) {
    const names = rows.ofCluster(cluster);
    if (cluster.pool !== undefined && !poolNames.has(cluster.pool))
      beyond.set(cluster, words('endpoints', endpoints.size));
    else if (!room.limits.give(names.limits)) beyond.set(cluster, words('limits', limits.size));
    else if (!room.endpoints.give(names.endpoints)) beyond.set(cluster, words('endpoints', endpoints.size));
  }
  const reduced = reducedPlan(plan, part => beyond.has(part as Cluster));
  const left = plan.limits.filter(({ name }) => room.limits.hasGiven(name) || room.limits.give([name]));
  return { plan: { ...reduced, pools, limits: left }, beyond };
}
