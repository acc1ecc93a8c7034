import { BreakwaterError } from '../../kernel/breakwater-error.ts';

/** `--pool NS/NAME`, or `--pool-name` with `--pool-namespace` as the Inference Extension's picker has them. */
export function poolName(options: {
  readonly pool?: string;
  readonly poolName?: string;
  readonly poolNamespace?: string;
}): string {
  const { pool, poolName: name, poolNamespace: namespace = 'default' } = options;
  if (pool !== undefined && name === undefined) {
    const parts = pool.split('/');
    if (parts.length > 2 || parts.includes(''))
      throw new BreakwaterError('BW_USAGE', `--pool: expected NAMESPACE/NAME, got "${pool}"`);
    return parts.length === 2 ? pool : `${namespace}/${pool}`;
  }
  if (name !== undefined && pool === undefined) return `${namespace}/${name}`;
  throw new BreakwaterError('BW_USAGE', 'must specify a pool, by --pool NAMESPACE/NAME or by --pool-name');
}
