import { type PoolRows, rowsOf } from '../../picker/index.ts';

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
