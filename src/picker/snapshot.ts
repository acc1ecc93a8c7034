import { ACTIVE, CONNECTIONS, type HealthTable, type LimitTable, PENDING, RETRIES } from '../limits/index.ts';
import type { Plan } from '../plan/index.ts';
import { endpointKey } from './endpoint-id.ts';
import type { EndpointTable } from './endpoint-table.ts';
import type { Rows } from './rows.ts';

export interface LimitCounts {
  readonly scope: string;
  readonly active: number;
  readonly pending: number;
  readonly connections: number;
  readonly retries: number;
  readonly overflow: Readonly<Record<string, number>>;
  /** Of these, what other replicas have that are stopping; absent: nothing. In the order of the four counts. */
  readonly elsewhere?: readonly number[];
}

export interface EndpointCounts {
  readonly pool: string;
  readonly id: string;
  readonly state: string;
  readonly inFlight: number;
  readonly running?: number;
  readonly waiting?: number;
  readonly kvCacheUsage?: number;
  readonly metricsAgeMs?: number;
  /** What scrapes get instead of figures, or why nothing. */
  readonly metricsProblem?: string;
}

export interface Tables {
  readonly limits: LimitTable;
  readonly endpoints: EndpointTable;
  readonly health: HealthTable;
}

/** What is in use of each scope of the plan, over all workers. */
export function limitCounts(plan: Plan, rows: Rows, { limits }: Tables): LimitCounts[] {
  return plan.limits.flatMap(({ name }) => {
    const slot = rows.limits.get(name);
    if (slot === undefined) return [];
    return [
      {
        scope: name,
        active: limits.inUse(slot, ACTIVE),
        pending: limits.inUse(slot, PENDING),
        connections: limits.inUse(slot, CONNECTIONS),
        retries: limits.inUse(slot, RETRIES),
        overflow: {
          maxParallelRequests: limits.refused(slot, ACTIVE),
          maxPendingRequests: limits.refused(slot, PENDING),
          maxConnections: limits.refused(slot, CONNECTIONS),
          maxParallelRetries: limits.refused(slot, RETRIES),
        },
      },
    ];
  });
}

/** The pools' endpoints as the pickers see them. */
export function endpointCounts(
  plan: Plan,
  rows: Rows,
  tables: Tables,
  problems: ReadonlyMap<number, string>,
  nowMs: number,
): EndpointCounts[] {
  return plan.pools.flatMap(pool =>
    pool.endpoints.flatMap(({ id }) => {
      const slot = rows.endpoints.get(endpointKey(pool.name, id));
      if (slot === undefined) return [];
      const { endpoints, health } = tables;
      const ageMs = endpoints.ageMs(slot, nowMs);
      const problem = problems.get(slot);
      const known = {
        pool: pool.name,
        id,
        state: health.state(slot, nowMs),
        inFlight: endpoints.inFlight(slot),
        ...(problem === undefined ? {} : { metricsProblem: problem }),
      };
      if (!Number.isFinite(ageMs)) return [known];
      return [
        {
          ...known,
          running: endpoints.running(slot),
          waiting: endpoints.waiting(slot),
          ...kvCache(endpoints.kvCacheUsage(slot)),
          metricsAgeMs: Math.round(ageMs),
        },
      ];
    }),
  );
}

function kvCache(usage: number): { readonly kvCacheUsage?: number } {
  return Number.isNaN(usage) ? {} : { kvCacheUsage: usage };
}
