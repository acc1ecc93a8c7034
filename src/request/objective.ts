import type { Pool } from '../plan/index.ts';
import { headerValue } from './header-value.ts';
import { OBJECTIVE } from './model-request.ts';

/**
 * The InferenceObjective that a request names; '' without one, and where the pool has none.
 * @param headers names in lower case and values by turns
 */
export function objectiveOf(pool: Pool, headers: readonly string[]): string {
  return pool.objectives === undefined ? '' : headerValue(headers, OBJECTIVE);
}
