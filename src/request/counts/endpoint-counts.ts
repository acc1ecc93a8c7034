import { type EndpointTable, endpointKey, type HealthTable } from '../../endpoints/index.ts';
import type { SlotMap } from '../../kernel/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { EndpointCounts } from '../../plane/index.ts';

/** The pools' endpoints as the pickers see them. */
export function endpointCounts(
  plan: Plan,
  rows: { readonly endpoints: SlotMap },
  tables: { readonly endpoints: EndpointTable; readonly health: HealthTable },
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
