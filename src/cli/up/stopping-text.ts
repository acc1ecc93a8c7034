import type { LimitCounts } from '../../plane/index.ts';

/**
 * What `up` says as it begins to stop. A request whose connection is being opened has its permit and is counted as pending too, as in
 * Envoy: the two numbers are told apart, not added.
 */
export function stoppingText(limits: readonly Pick<LimitCounts, 'active' | 'pending'>[]): string {
  const active = limits.reduce((sum, limit) => sum + limit.active, 0);
  const pending = limits.reduce((sum, limit) => sum + limit.pending, 0);
  const waited = [
    ...(active > 0 ? [`${requests(active)} in flight`] : []),
    ...(pending > 0 ? [`${requests(pending)} without a connection`] : []),
  ];
  return waited.length === 0
    ? 'Stopping.'
    : `Stopping: waiting for ${waited.join(' and ')}. Ctrl-C again ends at once.`;
}

function requests(count: number): string {
  return `${count} request${count === 1 ? '' : 's'}`;
}
