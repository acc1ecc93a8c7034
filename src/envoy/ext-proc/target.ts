import type { ClusterBreaker, ScopeHandle } from '../../limits/index.ts';
import { type ExternalPicking, type PoolRows, poolRows } from '../../picker/index.ts';
import type { Tenure } from './tenure.ts';

/** What a stream is about: a pool, and the limits that its requests count in. */
export interface Target {
  /** Cluster.name; absent where the gateway does not say by which route it comes. */
  readonly cluster: string | undefined;
  readonly rows: PoolRows;
  readonly breaker: ClusterBreaker;
  readonly scope: ScopeHandle | undefined;
  readonly poolScope: ScopeHandle | undefined;
  readonly tenure: Tenure;
  /** The pick depends on what is in the body. */
  readonly needsBody: boolean;
  /** The pool has a picker of its own, which is asked. */
  readonly external: ExternalPicking | undefined;
}

/** Scorers that look at nothing but the body. */
const BODY_SCORERS = ['lora-affinity-scorer', 'prefix-cache-scorer'];

/** Models choose criticality and rewrite; two scorers look at model and prompt. Without all that the body decides nothing. */
export function needsBody({ pool }: PoolRows): boolean {
  return pool.models.length > 0 || BODY_SCORERS.some(name => pool.scorerWeights[name] !== 0);
}

/**
 * The same pool with only some of its endpoints.
 * @returns also the index in the whole pool of each that is left
 */
export function subsetRows(
  rows: PoolRows,
  subset: readonly string[],
): { readonly rows: PoolRows; readonly indexes: readonly number[] } {
  const indexes = rows.endpoints.flatMap((id, index) => (subset.includes(id) ? [index] : []));
  const endpoints = indexes.map(index => rows.pool.endpoints[index]!);
  const slots = Int32Array.from(indexes, index => rows.slots[index]!);
  return { rows: poolRows({ ...rows.pool, endpoints }, slots, rows.panicThresholdPercent), indexes };
}
