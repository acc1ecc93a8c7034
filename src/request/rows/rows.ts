import type { EndpointTable, HealthTable } from '../../endpoints/index.ts';
import { SlotMap } from '../../kernel/index.ts';
import type { LimitTable } from '../../limits/index.ts';
import type { Plan } from '../../plan/index.ts';
import { type FittedPlan, fittedPlan } from './beyond-rows.ts';
import { PlanRows } from './row-names.ts';

/**
 * Rows of the shared tables: scopes of limits, and endpoints. 10,000 routes to Services with four endpoints each fit three times:
 * names that are gone rest for a while.
 */
export const TABLE_ROWS = 131_072;
/** A row whose name is gone is used again after this: requests that began under an older plan have ended by then. */
const REST_MS = 600_000;
/** So much rest must do where the table would be full otherwise: plans whose names change all the time. */
const SHORT_REST_MS = 5_000;

export interface Tables {
  readonly limits: LimitTable;
  readonly endpoints: EndpointTable;
  readonly health: HealthTable;
}

export interface AssignedRows extends FittedPlan {
  readonly limits: ReadonlyMap<string, number>;
  readonly endpoints: ReadonlyMap<string, number>;
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

  /** Rows for all that the plan names, as far as there are some; rows of names that are gone are freed when they have rested. */
  assign(plan: Plan, nowMs: number): AssignedRows {
    const fitted = this.fit(plan, nowMs);
    const { limits, endpoints } = new PlanRows(fitted.plan).all();
    return {
      ...fitted,
      limits: new Map([...limits].map(name => [name, this.limits.slot(name)])),
      endpoints: new Map([...endpoints].map(name => [name, this.endpoints.slot(name)])),
    };
  }

  /** The plan without what finds no row. It is given none yet. */
  fit(plan: Plan, nowMs: number): FittedPlan {
    const { limits, endpoints } = new PlanRows(plan).all();
    const fits = () => isEnough(this.limits, limits) && isEnough(this.endpoints, endpoints);
    this.#retire(limits, endpoints, nowMs, REST_MS);
    if (!fits()) this.#retire(limits, endpoints, nowMs, SHORT_REST_MS);
    return fits() ? { plan, beyond: new Map() } : fittedPlan(plan, this.limits, this.endpoints);
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

function isEnough(slots: SlotMap, names: ReadonlySet<string>): boolean {
  let fresh = 0;
  for (const name of names) if (slots.get(name) === undefined) fresh++;
  return fresh <= slots.left;
}
