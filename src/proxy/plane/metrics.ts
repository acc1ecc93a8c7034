import { type ByteBudget, type MetricsRegistry, metricsRegistry } from '../../kernel/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { EndpointCounts, LimitCounts } from '../../plane/index.ts';
import {
  addEndpointMetrics,
  addExternalPickMetrics,
  addLimitMetrics,
  COUNTER_NAMES,
  type PickCounters,
  type RequestCounters,
} from '../../request/index.ts';

/** What the metrics are collected from, at the time of a scrape. */
export interface MetricsInput {
  readonly plan: Plan | undefined;
  readonly limits: readonly LimitCounts[];
  readonly endpoints: readonly EndpointCounts[];
  readonly requests: RequestCounters;
  readonly externalPicks: PickCounters;
  readonly bodies: ByteBudget;
  readonly workers: number;
  readonly workerRestarts: number;
  readonly scrapeFailures: number;
}

/** Prometheus text of the data plane. Names and meanings are in docs/reference/metrics.md. */
export function metricsText(input: MetricsInput): Promise<string> {
  const registry = metricsRegistry();
  const { gauge, counter } = registry;
  requestMetrics(input.requests, registry);
  addExternalPickMetrics(registry, input.externalPicks);
  addLimitMetrics(registry, input.plan, input.limits);
  addEndpointMetrics(registry, input.endpoints);
  gauge('breakwater_held_body_bytes', 'Request bodies that are held, over all workers.').set(
    input.bodies.heldBytes,
  );
  gauge('breakwater_held_body_bytes_max', 'How much of them may be held.').set(input.bodies.maxBytes);
  gauge('breakwater_workers', 'Threads of the data plane.').set(input.workers);
  counter('breakwater_worker_restarts_total', 'Workers that died and were started again.').inc(
    input.workerRestarts,
  );
  counter('breakwater_scrape_failures_total', 'Scrapes of model servers that failed.').inc(
    input.scrapeFailures,
  );
  return registry.text();
}

function requestMetrics(requests: RequestCounters, { counter }: MetricsRegistry): void {
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
