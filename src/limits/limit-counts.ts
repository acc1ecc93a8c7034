import type { SlotMap } from '../kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import { ACTIVE, CONNECTIONS, type LimitTable, PENDING, RETRIES } from './limit-table.ts';

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
