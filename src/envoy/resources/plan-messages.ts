import type { LimitScope, Plan, Pool, Server } from '../../plan/index.ts';
import { envoyCluster, usesEds } from './cluster-message.ts';
import { loadAssignment } from './endpoints.ts';
import { type BoundAt, envoyListener } from './listener/listener-message.ts';
import { emptyCluster } from './own-clusters.ts';
import type { PickerPlaces } from './picker-places.ts';
import type { ClusterFacts } from './route/route-action.ts';
import { routeConfigurations } from './route/route-messages.ts';
import { secrets } from './secrets.ts';

export interface PlanMessagesOptions {
  /** Server name → where it is bound; servers without a place are left out. */
  readonly bindings: ReadonlyMap<string, BoundAt>;
  /** Where our own picker answers. */
  readonly pickers: PickerPlaces;
}

/** A whole Plan as what Envoy is told, every resource that it names included. */
export function planMessages(plan: Plan, { bindings, pickers }: PlanMessagesOptions) {
  const pools = new Map(plan.pools.map(pool => [pool.name, pool]));
  const limits = new Map(plan.limits.map(limit => [limit.name, limit]));
  const poolOf = (name: string | undefined): Pool | undefined =>
    name === undefined ? undefined : pools.get(name);
  const facts = clusterFacts(plan, poolOf, pickers);
  const bound = plan.servers.flatMap(server => {
    const at = bindings.get(server.name);
    return at === undefined ? [] : [{ server, at }];
  });
  // Of the Gateway whose Envoys these are for.
  const clusterStats = plan.servers.find(({ telemetry }) => telemetry?.clusterStats)?.telemetry?.clusterStats;
  return {
    clusters: [
      ...pickers.clusters,
      emptyCluster(),
      ...plan.clusters.map(cluster =>
        envoyCluster(cluster, limits.get(cluster.limit) as LimitScope, clusterStats),
      ),
    ],
    endpoints: [
      ...pickers.endpoints,
      ...plan.clusters.filter(usesEds).map(cluster => loadAssignment(cluster, poolOf(cluster.pool))),
    ],
    secrets: bound.flatMap(({ server }) => secrets(server)),
    listeners: bound.map(({ server, at }) => envoyListener(server, at, goesTo(server, facts.picked))),
    routes: bound.flatMap(({ server, at }) => routeConfigurations(server, at.port, facts)),
  };
}

function goesTo(server: Server, clusters: ReadonlyMap<string, string>): boolean {
  return server.listeners.some(({ virtualHosts }) =>
    virtualHosts.some(({ routes }) =>
      routes.some(
        ({ action }) =>
          action.kind === 'forward' &&
          action.backends.some(({ target }) => target.kind === 'cluster' && clusters.has(target.cluster)),
      ),
    ),
  );
}

function clusterFacts(
  plan: Plan,
  poolOf: (name: string | undefined) => Pool | undefined,
  pickers: PickerPlaces,
): ClusterFacts {
  const picked = new Map<string, string>();
  const failClose = new Set<string>();
  for (const { name, pool } of plan.clusters) {
    if (pool === undefined) continue;
    picked.set(name, pickers.clusterOf(pool));
    if (poolOf(pool)?.failureMode === 'FailClose') failClose.add(name);
  }
  return { picked, failClose };
}
