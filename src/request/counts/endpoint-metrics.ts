import type { MetricsRegistry } from '../../kernel/index.ts';
import type { EndpointCounts } from '../../plane/index.ts';

/** What is known of each endpoint. Names and meanings are in docs/reference/metrics.md. */
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
