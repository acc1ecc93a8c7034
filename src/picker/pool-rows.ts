import type { Pool } from '../plan/index.ts';
import { type Profile, profileOf } from './plugins/profile.ts';

/** A pool with the rows of its endpoints. */
export interface PoolRows {
  readonly pool: Pool;
  /** Row of pool.endpoints[i]. */
  readonly slots: Int32Array;
  readonly endpoints: readonly string[];
  readonly profile: Profile;
  /** With a smaller share of healthy ones than this, health is not looked at. */
  readonly panicThresholdPercent: number;
}

/** Envoy's default of `healthy_panic_threshold`, in percent. */
const PANIC_THRESHOLD_PERCENT = 50;

export function poolRows(
  pool: Pool,
  slots: Int32Array,
  panicThresholdPercent = PANIC_THRESHOLD_PERCENT,
): PoolRows {
  return {
    pool,
    slots,
    endpoints: pool.endpoints.map(endpoint => endpoint.id),
    profile: profileOf(pool.plugins),
    panicThresholdPercent,
  };
}

/** The same pool with only those of its endpoints. @param indexes of them in the whole pool */
export function rowsOf(rows: PoolRows, indexes: readonly number[]): PoolRows {
  return {
    ...rows,
    slots: Int32Array.from(indexes, index => rows.slots[index] as number),
    endpoints: indexes.map(index => rows.endpoints[index] as string),
  };
}

/** What is in a request's body decides: its models choose criticality and rewrite, or a plugin looks at model or prompt. */
export function needsBody({ pool, profile }: PoolRows): boolean {
  return pool.models.length > 0 || profile.needs.size > 0;
}
