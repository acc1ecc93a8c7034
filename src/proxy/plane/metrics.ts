import { Counter, Gauge, Registry } from 'prom-client';
import type { Plan } from '../../plan/index.ts';
import { COUNTER_NAMES, type RequestCounters } from '../counters.ts';
import type { EndpointCounts, LimitCounts } from './snapshot.ts';

/** What the metrics are collected from, at the time of a scrape. */
export interface MetricsInput {
  readonly plan: Plan | undefined;
  readonly limits: readonly LimitCounts[];
  readonly endpoints: readonly EndpointCounts[];
  readonly requests: RequestCounters;
  readonly workers: number;
  readonly workerRestarts: number;
  readonly scrapeFailures: number;
}

/** Prometheus text of the data plane. Names and meanings are in docs/reference/metrics.md. */
export function metricsText(input: MetricsInput): Promise<string> {
  // A registry for each scrape: series of scopes and endpoints that are gone do not stay.
  const registers = [new Registry()];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });

  requestMetrics(input.requests, counter);
  limitMetrics(input, gauge, counter);
  endpointMetrics(input.endpoints, gauge);
  gauge('breakwater_workers', 'Threads of the data plane.').set(input.workers);
  counter('breakwater_worker_restarts_total', 'Workers that died and were started again.').inc(
    input.workerRestarts,
  );
  counter('breakwater_scrape_failures_total', 'Scrapes of model servers that failed.').inc(
    input.scrapeFailures,
  );
  return (registers[0] as Registry).metrics();
}

type NewGauge = (name: string, help: string, labelNames?: string[]) => Gauge;
type NewCounter = (name: string, help: string, labelNames?: string[]) => Counter;

function requestMetrics(requests: RequestCounters, counter: NewCounter): void {
  const total = counter('breakwater_requests_total', 'Requests that have ended, by class of status.', [
    'code_class',
  ]);
  const seconds = counter(
    'breakwater_request_seconds_total',
    'Time from the heads of requests to the ends of their responses.',
  );
  requests.totals().forEach((value, i) => {
    const name = COUNTER_NAMES[i] as string;
    if (name === 'seconds') seconds.inc(value);
    else total.inc({ code_class: name }, value);
  });
}

const IN_USE = [
  ['maxParallelRequests', 'active'],
  ['maxPendingRequests', 'pending'],
  ['maxConnections', 'connections'],
  ['maxParallelRetries', 'retries'],
] as const;

function limitMetrics({ plan, limits }: MetricsInput, gauge: NewGauge, counter: NewCounter): void {
  const labels = ['scope', 'limit'];
  const inUse = gauge('breakwater_limit_in_use', 'What is in use of a limit, over all workers.', labels);
  const max = gauge('breakwater_limit_max', 'The limit.', labels);
  const overflows = counter('breakwater_limit_overflows_total', 'Requests that a limit refused.', labels);
  const thresholds = new Map(plan?.limits.map(scope => [scope.name, scope.thresholds]));
  for (const counts of limits)
    for (const [limit, column] of IN_USE) {
      const { scope } = counts;
      inUse.set({ scope, limit }, counts[column]);
      max.set({ scope, limit }, thresholds.get(scope)?.[limit] ?? 0);
      overflows.inc({ scope, limit }, counts.overflow[limit] ?? 0);
    }
}

function endpointMetrics(endpoints: readonly EndpointCounts[], gauge: NewGauge): void {
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
    kvCache.set(series, counts.kvCacheUsage ?? 0);
    age.set(series, counts.metricsAgeMs / 1000);
  }
}
