import type { MetricsRegistry } from '../../kernel/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { LimitCounts } from '../../plane/index.ts';

const IN_USE = [
  ['maxParallelRequests', 'active'],
  ['maxPendingRequests', 'pending'],
  ['maxConnections', 'connections'],
  ['maxParallelRetries', 'retries'],
] as const;

/** What is in use of each limit. Names and meanings are in docs/reference/metrics.md. */
export function addLimitMetrics(
  { gauge, counter }: MetricsRegistry,
  plan: Plan | undefined,
  limits: readonly LimitCounts[],
): void {
  const labels = ['scope', 'limit'];
  const inUse = gauge('breakwater_limit_in_use', 'What is in use of a limit, over all workers.', labels);
  const elsewhere = gauge(
    'breakwater_limit_in_use_elsewhere',
    'Of what is in use, what replicas have in flight that are stopping.',
    labels,
  );
  const max = gauge('breakwater_limit_max', 'The limit.', labels);
  const overflows = counter('breakwater_limit_overflows_total', 'Requests that a limit refused.', labels);
  const thresholds = new Map(plan?.limits.map(scope => [scope.name, scope.thresholds]));
  for (const counts of limits)
    for (const [i, [limit, column]] of IN_USE.entries()) {
      const { scope } = counts;
      inUse.set({ scope, limit }, counts[column]);
      if (counts.elsewhere !== undefined) elsewhere.set({ scope, limit }, counts.elsewhere[i] ?? 0);
      max.set({ scope, limit }, thresholds.get(scope)?.[limit] ?? 0);
      overflows.inc({ scope, limit }, counts.overflow[limit] ?? 0);
    }
}
