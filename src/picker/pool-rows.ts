import type { Pool } from '../plan/index.ts';
import { weightsOf } from './scorers.ts';

/** A pool with the rows of its endpoints. */
export interface PoolRows {
  readonly pool: Pool;
  /** Row of pool.endpoints[i]. */
  readonly slots: Int32Array;
  readonly endpoints: readonly string[];
  readonly weights: Float64Array;
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
    weights: weightsOf(pool.scorerWeights),
    panicThresholdPercent,
  };
}
