import type { ClusterBreaker } from '../../endpoints/index.ts';
import type { ScopeHandle } from '../../limits/index.ts';
import { type ExternalPicking, type PoolRows, rowsOf } from '../../picker/index.ts';
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

/**
 * The same pool with only some of its endpoints.
 * @returns also the index in the whole pool of each that is left
 */
export function subsetRows(
  rows: PoolRows,
  subset: readonly string[],
): { readonly rows: PoolRows; readonly indexes: readonly number[] } {
  const indexes = rows.endpoints.flatMap((id, index) => (subset.includes(id) ? [index] : []));
  return { rows: rowsOf(rows, indexes), indexes };
}
