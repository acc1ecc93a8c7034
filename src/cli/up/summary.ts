import type { WorkloadView } from '../../control/workloads.ts';
import type { Cluster, LimitScope, Plan, PlaneReport, Pool, Route, Server } from '../../plan/index.ts';

/** Lines shown of a list of routes, pools, endpoints or limits; the rest is counted. */
const MAX_LINES = 12;

/** What `up` prints about what it serves: a labelled line or block for each thing. */
export function summary(
  plan: Plan,
  report: PlaneReport,
  notes: readonly WorkloadView[],
  adminUrl: string,
): string {
  const lines = [
    ...block(
      'Gateway',
      plan.servers.map(server => serverLine(server, report)),
    ),
    ...block('Route', routeLines(plan)),
    ...block('Limit', plan.limits.filter(limit => limit.policy !== undefined).map(limitLine)),
    ...block('Pool', plan.pools.flatMap(poolLines)),
    ...block('Simulated', notes.filter(note => note.what === 'simulated').map(simulatedLine)),
    ...block('Not run', notes.filter(note => note.what === 'not-run').map(notRunLine)),
    ...block('External', notes.filter(note => note.what === 'external').map(externalLine)),
    ...block('Admin API', [adminUrl]),
  ];
  return lines.map(line => `${line}\n`).join('');
}

const LABEL_WIDTH = 11;

function block(label: string, lines: readonly string[]): string[] {
  const more = lines.length - MAX_LINES;
  const shown = more > 0 ? [...lines.slice(0, MAX_LINES), `… and ${more} more`] : lines;
  return shown.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`);
}

function serverLine(server: Server, report: PlaneReport): string {
  const { bound, moved, error } = report.servers.find(candidate => candidate.name === server.name) ?? {};
  const name = `${server.gateway.namespace}/${server.gateway.name}`;
  if (bound === undefined)
    return `${name} port ${server.port}: not bound${error === undefined ? '' : `: ${error}`}`;
  const host = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  const url = `${server.protocol.toLowerCase()}://${host}:${bound.port}`;
  if (bound.port === server.port) return `${name} on ${url}`;
  return `${name} on ${url} (in place of port ${server.port}${moved === undefined ? '' : ': see below'})`;
}

type Clusters = ReadonlyMap<string, Cluster>;

function routeLines(plan: Plan): string[] {
  const clusters: Clusters = new Map(plan.clusters.map(cluster => [cluster.name, cluster]));
  const lines = plan.servers.flatMap(server =>
    server.listeners.flatMap(listener =>
      listener.virtualHosts.flatMap(({ domain, routes }) =>
        routes.map(
          route => `${routeOwner(route)}: ${domain}${matchText(route)} → ${actionText(route, clusters)}`,
        ),
      ),
    ),
  );
  return [...new Set(lines)];
}

function routeOwner({ source }: Route): string {
  return `${source.namespace}/${source.name}`;
}

function matchText({ match }: Route): string {
  const { type, value } = match.path;
  const path =
    type === 'PathPrefix' ? `${value.replace(/\/$/, '')}/*` : type === 'Exact' ? value : ` ~${value}`;
  const more = [
    ...(match.method === undefined ? [] : [match.method]),
    ...match.headers.map(header => `${header.name}: ${header.value}`),
    ...match.queryParams.map(parameter => `?${parameter.name}=${parameter.value}`),
  ];
  return more.length === 0 ? path : `${path} (${more.join(', ')})`;
}

function actionText({ action }: Route, clusters: Clusters): string {
  switch (action.kind) {
    case 'redirect':
      return `redirect ${action.statusCode}`;
    case 'direct':
      return `${action.status} (${action.reason})`;
    case 'forward': {
      if (action.backends.length === 0) return 'no backend: answers 500';
      const weighted = action.backends.length > 1;
      return action.backends
        .map(({ target, weight }) => {
          const text =
            target.kind === 'invalid'
              ? `${target.status} (${target.reason})`
              : clusterText(target.cluster, clusters);
          return weighted ? `${text} weight ${weight}` : text;
        })
        .join(', ');
    }
  }
}

function clusterText(name: string, clusters: Clusters): string {
  const cluster = clusters.get(name);
  if (cluster === undefined) return name;
  if (cluster.kind === 'pool') return `pool ${cluster.pool}`;
  return `${cluster.kind} with ${count(cluster.endpoints.length, 'endpoint')}`;
}

function limitLine({ name, thresholds, policy }: LimitScope): string {
  const { maxParallelRequests, maxPendingRequests, maxConnections } = thresholds;
  return (
    `${policy?.namespace}/${policy?.name} on ${name}: ` +
    `at most ${count(maxParallelRequests, 'parallel request')}, ${maxPendingRequests} waiting for a connection, ` +
    `${count(maxConnections, 'connection')}`
  );
}

function poolLines({ name, endpoints, models }: Pool): string[] {
  const served = models.map(model => `${model.modelName} (${model.criticality})`).join(', ');
  return [
    `${name}: ${count(endpoints.length, 'endpoint')}${served === '' ? '' : `, models ${served}`}`,
    ...endpoints.map(
      endpoint => `  ${endpoint.id}${endpoint.pod === undefined ? '' : ` pod ${endpoint.pod}`}`,
    ),
  ];
}

function simulatedLine(note: WorkloadView): string {
  const flags =
    note.unknownFlags.length === 0 ? '' : `; flags without a meaning here: ${note.unknownFlags.join(' ')}`;
  return `${owner(note)}: no GPU and no weights, a simulated model server answers on ${note.addresses.join(', ')}${flags}`;
}

function notRunLine(note: WorkloadView): string {
  return `${owner(note)}: ${note.reason}`;
}

function externalLine(note: WorkloadView): string {
  return `${owner(note)}: taken as it is, on ${note.addresses.join(', ')}`;
}

function owner({ kind, namespace, name }: WorkloadView): string {
  return `${kind} ${namespace}/${name}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
