import type { LimitScope } from '../../plan/index.ts';
import type { LimitCounts } from '../../plane/index.ts';

/** The statistics that are asked for, in Envoy's words. */
const STATS = [
  'upstream_rq_active',
  'upstream_rq_pending_active',
  'upstream_cx_active',
  'upstream_rq_active_overflow',
  'upstream_rq_pending_overflow',
  'upstream_cx_overflow',
  'upstream_rq_retry_overflow',
  'circuit_breakers.default.remaining_retries',
] as const;
type Stat = (typeof STATS)[number];

/** Of the admin interface: one line `cluster.NAME.STAT: VALUE` for each. */
export const CLUSTER_STATS_PATH = `/stats?filter=${encodeURIComponent(
  `^cluster\\..*\\.(${STATS.map(stat => stat.replaceAll('.', '\\.')).join('|')})$`,
)}`;

export type ClusterStats = ReadonlyMap<string, ReadonlyMap<Stat, number>>;

/** @returns cluster name → statistics */
export function parseClusterStats(text: string): ClusterStats {
  const clusters = new Map<string, Map<Stat, number>>();
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(': ');
    const stat = STATS.find(candidate => line.slice(0, colon).endsWith(`.${candidate}`));
    if (colon === -1 || stat === undefined || !line.startsWith('cluster.')) continue;
    const name = line.slice('cluster.'.length, colon - stat.length - 1);
    const values = clusters.get(name) ?? new Map<Stat, number>();
    clusters.set(name, values.set(stat, Number(line.slice(colon + 2))));
  }
  return clusters;
}

/** What Envoy has in use of a scope. Only clusters that are no pools are counted by Envoy itself. */
export function limitCountsOf({ name, thresholds }: LimitScope, stats: ClusterStats): LimitCounts {
  const values = stats.get(statName(name));
  const of = (stat: Stat) => values?.get(stat) ?? 0;
  const remaining = values?.get('circuit_breakers.default.remaining_retries');
  return {
    scope: name,
    active: of('upstream_rq_active'),
    pending: of('upstream_rq_pending_active'),
    connections: of('upstream_cx_active'),
    // Of a budget Envoy does not say what is left.
    retries:
      remaining === undefined || thresholds.retryBudget !== undefined
        ? 0
        : Math.max(0, thresholds.maxParallelRetries - remaining),
    overflow: {
      maxParallelRequests: of('upstream_rq_active_overflow'),
      maxPendingRequests: of('upstream_rq_pending_overflow'),
      maxConnections: of('upstream_cx_overflow'),
      maxParallelRetries: of('upstream_rq_retry_overflow'),
    },
  };
}

/** Envoy writes `_` for `:` in names of statistics. */
function statName(cluster: string): string {
  return cluster.replaceAll(':', '_');
}
