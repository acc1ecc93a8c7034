import { OBJECTIVE } from '../../picker/index.ts';
import type { Pool } from '../../plan/index.ts';

/**
 * The InferenceObjective that a request names; '' without one, and where the pool has none.
 * @param headers names in lower case and values by turns
 */
export function objectiveOf(pool: Pool, headers: readonly string[]): string {
  if (pool.objectives === undefined) return '';
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === OBJECTIVE) return headers[i + 1] as string;
  return '';
}
