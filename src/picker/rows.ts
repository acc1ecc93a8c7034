import type { EndpointTable, HealthTable } from '../endpoints/index.ts';
import { addressId, endpointKey } from '../endpoints/index.ts';
import { SlotMap } from '../kernel/index.ts';
import type { LimitTable } from '../limits/index.ts';
import type { Plan } from '../plan/index.ts';

/** A row whose name is gone is used again after this: requests that began under an older plan have ended by then. */
const REST_MS = 600_000;
/** So much rest must do where the table would be full otherwise: plans whose names change all the time. */
const SHORT_REST_MS = 5_000;

export interface Tables {
  readonly limits: LimitTable;
  readonly endpoints: EndpointTable;
  readonly health: HealthTable;
}

/** Gives the scopes and endpoints of plans their rows in the shared tables. */
export class Rows {
  readonly limits: SlotMap;
  readonly endpoints: SlotMap;
  readonly #limitTable: LimitTable;
  readonly #endpointTable: EndpointTable;
  readonly #health: HealthTable;
  /** Names that no plan has any more, and since when. */
  readonly #unwanted = new Map<string, number>();

  constructor(limits: LimitTable, endpoints: EndpointTable, health: HealthTable) {
    this.#limitTable = limits;
    this.#endpointTable = endpoints;
    this.#health = health;
    this.limits = new SlotMap(limits.shared.slots);
    this.endpoints = new SlotMap(endpoints.shared.slots);
  }

  /**
   * Rows for all that the plan names; rows of names that are gone are freed when they have rested.
   * @throws RangeError when a table is full
   */
  assign(plan: Plan, nowMs: number): { limits: Map<string, number>; endpoints: Map<string, number> } {
    const limits = limitNames(plan);
    const endpoints = endpointNames(plan);
    const rows = () => ({
      limits: new Map([...limits].map(name => [name, this.limits.slot(name)])),
      endpoints: new Map([...endpoints].map(name => [name, this.endpoints.slot(name)])),
    });
    this.#retire(limits, endpoints, nowMs, REST_MS);
    try {
      return rows();
    } catch {
      this.#retire(limits, endpoints, nowMs, SHORT_REST_MS);
      return rows();
    }
  }

  #retire(limits: ReadonlySet<string>, endpoints: ReadonlySet<string>, nowMs: number, restMs: number): void {
    const rested = (kind: string, name: string) => {
      const since = this.#unwanted.get(kind + name);
      if (since === undefined) this.#unwanted.set(kind + name, nowMs);
      return since !== undefined && nowMs - since >= restMs;
    };
    const keep = (kind: string, map: SlotMap, wanted: ReadonlySet<string>) => {
      const kept = new Set(wanted);
      for (const [name] of map.entries()) {
        if (wanted.has(name)) this.#unwanted.delete(kind + name);
        else if (!rested(kind, name)) kept.add(name);
      }
      return kept;
    };
    this.limits.retain(keep('limit ', this.limits, limits), slot => this.#limitTable.retire(slot));
    const retired = this.endpoints.retain(keep('endpoint ', this.endpoints, endpoints), slot =>
      this.#endpointTable.retire(slot),
    );
    for (const slot of retired) this.#health.retire(slot);
    for (const key of this.#unwanted.keys()) {
      const [kind, name] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
      const map = kind === 'limit' ? this.limits : this.endpoints;
      if (map.get(name) === undefined) this.#unwanted.delete(key);
    }
  }
}

/** Scopes, and a row for each endpoint of a scope that bounds connections per endpoint. */
function limitNames(plan: Plan): Set<string> {
  const names = new Set(plan.limits.map(scope => scope.name));
  const perEndpoint = new Set(
    plan.limits
      .filter(scope => scope.thresholds.maxConnectionsPerEndpoint !== undefined)
      .map(scope => scope.name),
  );
  const pools = new Map(plan.pools.map(pool => [pool.name, pool]));
  for (const cluster of plan.clusters) {
    if (!perEndpoint.has(cluster.limit)) continue;
    const ids =
      pools.get(cluster.pool ?? '')?.endpoints.map(endpoint => endpoint.id) ??
      cluster.endpoints.map(addressId);
    for (const id of ids) names.add(endpointKey(cluster.limit, id));
  }
  return names;
}

function endpointNames(plan: Plan): Set<string> {
  const names = new Set<string>();
  for (const pool of plan.pools) for (const { id } of pool.endpoints) names.add(endpointKey(pool.name, id));
  for (const cluster of plan.clusters)
    for (const endpoint of cluster.endpoints) names.add(endpointKey(cluster.name, addressId(endpoint)));
  return names;
}
