import { type Plan, planVersion, type Server } from '../../plan/index.ts';

/** What the Envoys of one Gateway need of a plan. Its version is a hash of this part alone. */
export type GatewayPart = Plan;

/** Name of a Gateway, `NAMESPACE/NAME`: `node.cluster` of its Envoys. */
export function gatewayOf({ gateway }: Server): string {
  return `${gateway.namespace}/${gateway.name}`;
}

/** The plan, cut by Gateways. A cluster, pool or limit that several use is in each part. */
export function gatewayParts(plan: Plan): Map<string, GatewayPart> {
  const servers = new Map<string, Server[]>();
  for (const server of plan.servers) {
    const name = gatewayOf(server);
    const known = servers.get(name);
    if (known === undefined) servers.set(name, [server]);
    else known.push(server);
  }
  const clusters = new Map(plan.clusters.map((cluster, index) => [cluster.name, index]));
  const pools = new Map(plan.pools.map((pool, index) => [pool.name, index]));
  const limits = new Map(plan.limits.map((limit, index) => [limit.name, index]));
  const parts = new Map<string, GatewayPart>();
  for (const [name, own] of servers) {
    const used = indexes(clusters, own.flatMap(clustersOf)).map(index => plan.clusters[index]!);
    const part = {
      servers: own,
      clusters: used,
      pools: indexes(
        pools,
        used.flatMap(({ pool }) => pool ?? []),
      ).map(index => plan.pools[index]!),
      limits: indexes(
        limits,
        used.flatMap(({ limit, poolLimit }) => (poolLimit === undefined ? [limit] : [limit, poolLimit])),
      ).map(index => plan.limits[index]!),
    };
    parts.set(name, { version: planVersion(part), ...part });
  }
  return parts;
}

/** Servers never change. */
const clusterNames = new WeakMap<Server, readonly string[]>();

/** Clusters that requests, or copies of them, go to, and what is told of them. */
function clustersOf(server: Server): readonly string[] {
  const known = clusterNames.get(server);
  if (known !== undefined) return known;
  const names = new Set<string>(collectorsOf(server));
  for (const { virtualHosts } of server.listeners)
    for (const { routes } of virtualHosts)
      for (const { action, mirrors } of routes) {
        for (const { cluster } of mirrors) names.add(cluster);
        if (action.kind !== 'forward') continue;
        for (const { target } of action.backends) if (target.kind === 'cluster') names.add(target.cluster);
      }
  clusterNames.set(server, [...names]);
  return [...names];
}

function collectorsOf({ telemetry }: Server): string[] {
  const { accessLogs = [], tracing } = telemetry ?? {};
  const logs = accessLogs.flatMap(({ sink }) => (sink.kind === 'file' ? [] : sink.collector.cluster));
  return tracing === undefined ? logs : [...logs, tracing.collector.cluster];
}

/** In the order of the plan, each once. */
function indexes(known: ReadonlyMap<string, number>, names: Iterable<string>): number[] {
  const found = new Set<number>();
  for (const name of names) {
    const index = known.get(name);
    if (index !== undefined) found.add(index);
  }
  return [...found].sort((a, b) => a - b);
}
