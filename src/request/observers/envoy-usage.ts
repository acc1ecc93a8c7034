import type { MetricsRegistry } from '../../kernel/index.ts';
import type { Cluster, Pool } from '../../plan/index.ts';
import type { EnvoyReport } from '../decision.ts';
import type { Observer } from '../observer.ts';

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

/** What of a plan says which endpoints are meant. */
interface Endpoints {
  readonly pools: readonly (Pick<Pool, 'name'> & {
    readonly endpoints: readonly { readonly id: string }[];
  })[];
  readonly clusters: readonly Pick<Cluster, 'name' | 'pool'>[];
}

/** A pool, as a route leads to it. */
interface Led {
  readonly pool: string;
  readonly endpoints: ReadonlySet<string>;
}

/** What Envoys have done for pools, as their access logs say. As many rows as the plan has endpoints, scopes × flags. */
export class EnvoyUsage implements Observer {
  /** By Cluster.name. */
  #clusters: ReadonlyMap<string, Led> = new Map();
  #totals = new Map<string, Totals>();
  #flags = new Map<string, Map<string, number>>();
  /** Reports about what the plan does not have. */
  #unknown = 0;

  reported(report: EnvoyReport, cluster: string): void {
    const led = this.#clusters.get(cluster);
    if (led === undefined) {
      this.#unknown++;
      return;
    }
    const { pool, endpoints } = led;
    const { upstream } = report;
    const endpoint = upstream !== undefined && endpoints.has(upstream) ? upstream : '';
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
    const statusClass = Math.floor(report.status / 100);
    totals.byClass[statusClass <= 5 ? statusClass : 0]! += 1;
    totals.durationMs += report.durationMs;
    totals.firstByteMs += report.firstByteMs ?? 0;
    totals.requestBytes += report.requestBytes;
    totals.responseBytes += report.responseBytes;
    if (report.flags.length === 0) return;
    const flags = this.#flags.get(cluster) ?? new Map<string, number>();
    this.#flags.set(cluster, flags);
    for (const flag of report.flags) flags.set(flag, (flags.get(flag) ?? 0) + 1);
  }

  /** What is reported from now on is about this plan; what it does not have any more is forgotten. */
  apply({ pools, clusters }: Endpoints): void {
    const endpoints = new Map(pools.map(pool => [pool.name, new Set(pool.endpoints.map(({ id }) => id))]));
    this.#clusters = new Map(
      clusters.flatMap(({ name, pool = '' }): [string, Led][] => {
        const known = endpoints.get(pool);
        return known === undefined ? [] : [[name, { pool, endpoints: known }]];
      }),
    );
    const isKept = ({ pool, endpoint }: Totals) => {
      const known = endpoints.get(pool);
      return known !== undefined && (endpoint === '' || known.has(endpoint));
    };
    this.#totals = new Map([...this.#totals].filter(([, totals]) => isKept(totals)));
    this.#flags = new Map([...this.#flags].filter(([cluster]) => this.#clusters.has(cluster)));
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
