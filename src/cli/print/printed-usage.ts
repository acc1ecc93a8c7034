import type { EndpointView, LimitView } from '../../admin/wire.ts';
import { formatAge } from './printed-age.ts';
import { formatTable } from './table.ts';

/** Lines of a table of limits; none for no limits. */
export function limitTable(limits: readonly LimitView[]): string[] {
  return lines(
    ['SCOPE', 'LIMIT', 'IN USE', 'MAX', 'REFUSED', 'POLICY'],
    limits.flatMap(({ scope, policy, limits: uses }) =>
      uses.map(use => [
        scope,
        use.name,
        String(use.inUse),
        use.limit === undefined ? '-' : String(use.limit),
        String(use.refused),
        policy ?? '<default>',
      ]),
    ),
  );
}

/** Lines of a table of endpoints with what was scraped of them; none for no endpoints. */
export function endpointTable(endpoints: readonly EndpointView[]): string[] {
  return lines(
    ['ENDPOINT', 'POD', 'STATE', 'IN FLIGHT', 'RUNNING', 'WAITING', 'KV CACHE', 'METRICS AGE'],
    endpoints.map(endpoint => [
      endpoint.id,
      endpoint.pod ?? '-',
      endpoint.state,
      String(endpoint.inFlight),
      number(endpoint.running),
      number(endpoint.waiting),
      endpoint.kvCacheUsage === undefined ? '-' : `${(endpoint.kvCacheUsage * 100).toFixed(1)}%`,
      endpoint.metricsAgeMs === undefined
        ? never(endpoint.metricsProblem)
        : endpoint.metricsAgeMs < 2_000
          ? `${Math.round(endpoint.metricsAgeMs)}ms`
          : formatAge(endpoint.metricsAgeMs),
    ]),
  );
}

function never(problem: string | undefined): string {
  return problem === undefined ? 'never' : `never: ${problem}`;
}

function number(value: number | undefined): string {
  return value === undefined ? '-' : String(value);
}

function lines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : formatTable(header, rows).trimEnd().split('\n');
}
