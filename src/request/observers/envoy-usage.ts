import type { MetricsRegistry } from '../../kernel/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { EnvoyReport } from '../decision.ts';

/** Of one endpoint of a pool; requests that went to none have the endpoint ''. */
interface Totals {
  readonly pool: string;
  readonly endpoint: string;
  /** By status / 100; 0: the client left before an answer. */
  readonly byClass: number[];
  durationMs: number;
  firstByteMs: number;
  requestBytes: number;
  responseBytes: number;
}

/** What Envoys have done for pools, as their access logs say. As many rows as the plan has endpoints, scopes × flags. */
export class EnvoyUsage {
  #totals = new Map<string, Totals>();
  #flags = new Map<string, Map<string, number>>();
  /** Entries about what the plan does not have. */
  #unknown = 0;

  /** @param endpoints of the pool */
  add(entry: EnvoyReport, cluster: string, pool: string, endpoints: readonly string[]): void {
    const { upstream } = entry;
    const endpoint = upstream !== undefined && endpoints.includes(upstream) ? upstream : '';
    const key = `${pool} ${endpoint}`;
    let totals = this.#totals.get(key);
    if (totals === undefined) {
      totals = {
        pool,
        endpoint,
        byClass: [0, 0, 0, 0, 0, 0],
        durationMs: 0,
        firstByteMs: 0,
        requestBytes: 0,
        responseBytes: 0,
      };
      this.#totals.set(key, totals);
    }
    const statusClass = Math.floor(entry.status / 100);
    totals.byClass[statusClass <= 5 ? statusClass : 0]! += 1;
    totals.durationMs += entry.durationMs;
    totals.firstByteMs += entry.firstByteMs ?? 0;
    totals.requestBytes += entry.requestBytes;
    totals.responseBytes += entry.responseBytes;
    if (entry.flags.length === 0) return;
    const flags = this.#flags.get(cluster) ?? new Map<string, number>();
    this.#flags.set(cluster, flags);
    for (const flag of entry.flags) flags.set(flag, (flags.get(flag) ?? 0) + 1);
  }

  addUnknown(): void {
    this.#unknown++;
  }

  /** What the plan does not have any more is forgotten. */
  keep({ pools, clusters }: Pick<Plan, 'pools' | 'clusters'>): void {
    const endpoints = new Set(
      pools.flatMap(({ name, endpoints: all }) =>
        ['', ...all.map(({ id }) => id)].map(id => `${name} ${id}`),
      ),
    );
    const scopes = new Set(clusters.map(({ name }) => name));
    this.#totals = new Map([...this.#totals].filter(([key]) => endpoints.has(key)));
    this.#flags = new Map([...this.#flags].filter(([cluster]) => scopes.has(cluster)));
  }

  addMetrics({ counter }: MetricsRegistry): void {
    const labels = ['pool', 'endpoint'];
    const requests = counter(
      'breakwater_envoy_requests_total',
      'Requests to pools that have ended, as Envoy says.',
      [...labels, 'code_class'],
    );
    const seconds = counter(
      'breakwater_envoy_request_seconds_total',
      'Time from their first bytes to the last of their answers.',
      labels,
    );
    const firstByte = counter(
      'breakwater_envoy_first_byte_seconds_total',
      'Time from their first bytes to the first of their answers.',
      labels,
    );
    const received = counter('breakwater_envoy_request_body_bytes_total', 'Their bodies.', labels);
    const sent = counter(
      'breakwater_envoy_response_body_bytes_total',
      'The bodies of their answers.',
      labels,
    );
    for (const { pool, endpoint, byClass, ...totals } of this.#totals.values()) {
      byClass.forEach((count, statusClass) => {
        const code = statusClass === 0 ? 'aborted' : `${statusClass}xx`;
        if (count > 0) requests.inc({ pool, endpoint, code_class: code }, count);
      });
      seconds.inc({ pool, endpoint }, totals.durationMs / 1000);
      firstByte.inc({ pool, endpoint }, totals.firstByteMs / 1000);
      received.inc({ pool, endpoint }, totals.requestBytes);
      sent.inc({ pool, endpoint }, totals.responseBytes);
    }
    const flags = counter(
      'breakwater_envoy_response_flags_total',
      'Requests to pools with a response flag of Envoy, as UO for a refusal by one of its own thresholds.',
      ['scope', 'flag'],
    );
    for (const [scope, counts] of this.#flags)
      for (const [flag, count] of counts) flags.inc({ scope, flag }, count);
    counter(
      'breakwater_envoy_unknown_requests_total',
      "Requests in Envoy's access log to what is not known here.",
    ).inc(this.#unknown);
  }
}
