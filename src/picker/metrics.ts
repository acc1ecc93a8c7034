import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Plan } from '../plan/index.ts';
import { PICK_RESULTS, type PickCounters } from './external/pick-counters.ts';
import type { EndpointCounts, LimitCounts } from './snapshot.ts';

/** Makes metrics, those of one scrape for the most part; {@link text} is Prometheus' text format. */
export interface MetricsRegistry {
  gauge(name: string, help: string, labelNames?: string[]): Gauge;
  counter(name: string, help: string, labelNames?: string[]): Counter;
  histogram(name: string, help: string, buckets: number[], labelNames?: string[]): Histogram;
  text(): Promise<string>;
}

/** A registry for each scrape: series of scopes and endpoints that are gone do not stay. */
export function metricsRegistry(): MetricsRegistry {
  const registry = new Registry();
  const registers = [registry];
  return {
    gauge: (name, help, labelNames = []) => new Gauge({ name, help, labelNames, registers }),
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ name, help, buckets, labelNames, registers }),
    text: () => registry.metrics(),
  };
}

const IN_USE = [
  ['maxParallelRequests', 'active'],
  ['maxPendingRequests', 'pending'],
  ['maxConnections', 'connections'],
  ['maxParallelRetries', 'retries'],
] as const;

/** What is in use of each limit. Names and meanings are in docs/reference/metrics.md, here and below. */
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

/** What is known of each endpoint. */
export function addEndpointMetrics({ gauge }: MetricsRegistry, endpoints: readonly EndpointCounts[]): void {
  const labels = ['pool', 'endpoint'];
  const inFlight = gauge('breakwater_endpoint_in_flight', 'Requests in flight at a model server.', labels);
  const available = gauge('breakwater_endpoint_available', '1 where requests are sent.', labels);
  const running = gauge('breakwater_endpoint_requests_running', 'Scraped: requests it works on.', labels);
  const waiting = gauge('breakwater_endpoint_requests_waiting', 'Scraped: requests in its queue.', labels);
  const kvCache = gauge(
    'breakwater_endpoint_kv_cache_usage_ratio',
    'Scraped: its KV cache in use, 0..1.',
    labels,
  );
  const age = gauge('breakwater_endpoint_metrics_age_seconds', 'Age of what was scraped.', labels);
  for (const { pool, id: endpoint, state, ...counts } of endpoints) {
    const series = { pool, endpoint };
    inFlight.set(series, counts.inFlight);
    available.set(series, state === 'available' || state === 'half-open' ? 1 : 0);
    if (counts.metricsAgeMs === undefined) continue;
    running.set(series, counts.running ?? 0);
    waiting.set(series, counts.waiting ?? 0);
    if (counts.kvCacheUsage !== undefined) kvCache.set(series, counts.kvCacheUsage);
    age.set(series, counts.metricsAgeMs / 1000);
  }
}

export function addExternalPickMetrics({ counter }: MetricsRegistry, picks: PickCounters): void {
  const total = counter('breakwater_external_picks_total', 'What external pickers answered, or why not.', [
    'result',
  ]);
  picks.totals().forEach((value, i) => {
    total.inc({ result: PICK_RESULTS[i] as string }, value);
  });
}
