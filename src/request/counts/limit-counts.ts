import type { SlotMap } from '../../kernel/index.ts';
import { ACTIVE, CONNECTIONS, type LimitTable, PENDING, RETRIES } from '../../limits/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { LimitCounts } from '../../plane/index.ts';

/** What is in use of each scope of the plan, over all workers. */
export function limitCounts(
  plan: Plan,
  rows: { readonly limits: SlotMap },
  { limits }: { readonly limits: LimitTable },
): LimitCounts[] {
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
