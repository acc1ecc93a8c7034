import { COUNTS, type Count, UNBOUNDED } from '../../limits/index.ts';
import type { Plan, Thresholds } from '../../plan/index.ts';
import type { InUse, LimitCounts } from '../../plane/index.ts';
import type { Rows, Tables } from '../../request/index.ts';

const NOTHING: InUse = { limits: new Map(), endpoints: new Map() };
const ZEROS: readonly number[] = COUNTS.map(() => 0);

/**
 * Processes with the same limits that follow each other. Who leaves takes what is free of each limit itself before it says what it
 * still has, so that this only becomes less; who follows takes that much of its own. Both stand in the counters that
 * requests are admitted by: nothing else is asked on a request's way.
 */
export class HandoffCounts {
  readonly #tables: Tables;
  readonly #rows: Rows;
  /** What is taken for others of each limit, by the name of its row. */
  readonly #held = new Map<string, readonly number[]>();
  /** What is counted for others at each endpoint. */
  readonly #inFlight = new Map<string, number>();
  #elsewhere = NOTHING;
  #leaves = false;

  constructor(tables: Tables, rows: Rows) {
    this.#tables = tables;
    this.#rows = rows;
  }

  /** It has handed over. */
  get leaves(): boolean {
    return this.#leaves;
  }

  /** What others have in use, in place of what was said before. */
  count(elsewhere: InUse): void {
    this.#elsewhere = elsewhere;
    this.settle();
  }

  /** Counts what others have in rows that there are by now. */
  settle(): void {
    if (this.#leaves) return;
    this.#settleLimits(this.#elsewhere.limits);
    this.#settleEndpoints(this.#elsewhere.endpoints);
  }

  /** What is in use here from now on, at the most. */
  handOver(plan: Plan | undefined): InUse {
    this.#leaves = true;
    // Nobody picks here any more.
    this.#settleEndpoints(NOTHING.endpoints);
    const thresholds = new Map(plan?.limits.map(scope => [scope.name, scope.thresholds]));
    const limits = new Map<string, readonly number[]>();
    for (const [name, slot] of this.#rows.limits.entries()) {
      const held = [...(this.#held.get(name) ?? ZEROS)];
      const bounds = boundsOf(name, thresholds);
      const own = COLUMNS.map(count => {
        const { taken, most } = this.#tables.limits.takeRest(slot, count, bounds[count] as number);
        held[count] = (held[count] as number) + taken;
        return most - held[count];
      });
      this.#held.set(name, held);
      if (own.some(Boolean)) limits.set(name, own);
    }
    const endpoints = new Map<string, number>();
    for (const [name, slot] of this.#rows.endpoints.entries()) {
      const own = this.#tables.endpoints.inFlight(slot);
      if (own > 0) endpoints.set(name, own);
    }
    return { limits, endpoints };
  }

  /** With what is elsewhere; of who leaves, what is its own alone. */
  shown(counts: readonly LimitCounts[]): readonly LimitCounts[] {
    if (this.#held.size === 0) return counts;
    return counts.map(each => {
      const held = this.#held.get(each.scope);
      if (held === undefined) return each;
      if (!this.#leaves) return { ...each, elsewhere: held };
      const own = { ...each };
      for (const [count, name] of COUNTS.entries()) own[name] = each[name] - (held[count] as number);
      return own;
    });
  }

  #settleLimits(limits: InUse['limits']): void {
    for (const name of new Set([...this.#held.keys(), ...limits.keys()])) {
      const slot = this.#rows.limits.get(name);
      if (slot === undefined) continue;
      const before = this.#held.get(name) ?? ZEROS;
      const now = COLUMNS.map(count => limits.get(name)?.[count] ?? 0);
      for (const count of COLUMNS) {
        const change = (now[count] as number) - (before[count] as number);
        if (change !== 0) this.#tables.limits.addForeign(slot, count, change);
      }
      if (now.some(Boolean)) this.#held.set(name, now);
      else this.#held.delete(name);
    }
  }

  #settleEndpoints(endpoints: InUse['endpoints']): void {
    for (const name of new Set([...this.#inFlight.keys(), ...endpoints.keys()])) {
      const slot = this.#rows.endpoints.get(name);
      if (slot === undefined) continue;
      const now = endpoints.get(name) ?? 0;
      const change = now - (this.#inFlight.get(name) ?? 0);
      if (change !== 0) this.#tables.endpoints.addForeign(slot, change);
      if (now === 0) this.#inFlight.delete(name);
      else this.#inFlight.set(name, now);
    }
  }
}

const COLUMNS = COUNTS.map((_, i) => i as Count);

/** By column. A row that no plan names any more has nothing that could be taken. */
function boundsOf(name: string, thresholds: ReadonlyMap<string, Thresholds>): readonly number[] {
  const own = thresholds.get(name);
  if (own !== undefined)
    return [
      own.maxParallelRequests,
      own.maxPendingRequests,
      own.maxConnections,
      // A budget depends on what is in use: nothing is left of it.
      own.retryBudget === undefined ? own.maxParallelRetries : UNBOUNDED,
    ];
  const perEndpoint = thresholds.get(name.slice(0, name.lastIndexOf('#')))?.maxConnectionsPerEndpoint;
  return [0, 0, perEndpoint ?? 0, 0];
}
