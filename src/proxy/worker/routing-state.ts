import { isDeepStrictEqual } from 'node:util';
import { addressId, endpointKey, type HealthTable } from '../../endpoints/index.ts';
import { type FaultLog, type Random, toError } from '../../kernel/index.ts';
import { Limits, type LimitTable, type ScopeHandle } from '../../limits/index.ts';
import type { Picker } from '../../picker/index.ts';
import type { Cluster, LeftOutPart, LimitScope, Part, Pool } from '../../plan/index.ts';
import {
  type EndpointChoice,
  HostTable,
  type OnFailed,
  type PickerClientParts,
  PickerClients,
  PoolChoice,
  ServiceChoice,
  SOLE_OWNERSHIP,
} from '../../request/index.ts';
import type { UpstreamConnections } from '../codec/upstream-stream.ts';
import { upstreamCodec } from '../codecs.ts';
import type { ClusterRuntime } from '../request-context.ts';
import type { Assignment } from './messages.ts';

export interface Shared {
  readonly table: LimitTable;
  readonly health: HealthTable;
  readonly picker: Picker;
  readonly askForIdle: (slot: number) => void;
  readonly external: PickerClientParts;
  readonly faults: FaultLog;
  readonly random: Random;
}

/** All that a worker makes of one plan. Connections of clusters that stay are taken over from the plan before. */
export interface RoutingState {
  readonly hosts: ReadonlyMap<string, HostTable>;
  readonly clusters: ReadonlyMap<string, ClusterRuntime>;
  readonly pickers: PickerClients;
  /** What could not be made, and why: it costs itself. */
  readonly failed: ReadonlyMap<Part, LeftOutPart>;
}

export function buildRoutingState(
  assignment: Assignment,
  before: RoutingState | undefined,
  shared: Shared,
): RoutingState {
  const { plan } = assignment;
  const limits = new Map(plan.limits.map(scope => [scope.name, scope]));
  const scopeOf = (name: string) => scopeHandle(limits.get(name), name, assignment);
  const pools = new Map(plan.pools.map(pool => [pool.name, pool]));
  const clusters = new Map<string, ClusterRuntime>();
  const pickers = new PickerClients(shared.external);
  const failed = new Map<Part, LeftOutPart>();
  const onFailed: OnFailed = (part, thrown, requests) =>
    failed.set(part, [part, toError(thrown).message, requests]);
  for (const cluster of plan.clusters) {
    try {
      const scope = scopeOf(cluster.limit);
      const pool = cluster.pool === undefined ? undefined : pools.get(cluster.pool);
      clusters.set(cluster.name, {
        cluster,
        name: cluster.name,
        scope,
        ownership: SOLE_OWNERSHIP,
        poolScope: cluster.poolLimit === undefined ? undefined : scopeOf(cluster.poolLimit),
        choice: endpointChoice(cluster, pool, assignment, shared),
        external: pickers.of(pool, before?.pickers),
        connections: connectionPool(cluster, scope, assignment, before, shared),
      });
    } catch (thrown) {
      onFailed(cluster, thrown);
    }
  }
  const hosts = new Map(plan.servers.map(server => [server.name, new HostTable(server, onFailed)]));
  return { hosts, clusters, pickers, failed };
}

/** Connections of clusters that are gone are closed after what is on them. */
export function retireConnections(before: RoutingState | undefined, after: RoutingState): void {
  for (const [name, { connections }] of before?.clusters ?? []) {
    if (after.clusters.get(name)?.connections !== connections) connections.drain();
  }
  before?.pickers.close(after.pickers);
}

function scopeHandle(scope: LimitScope | undefined, name: string, assignment: Assignment): ScopeHandle {
  if (scope === undefined) throw new Error(`the plan has no limit ${name}`);
  const slot = assignment.limitSlots.get(scope.name);
  if (slot === undefined) throw new Error(`no row for the limit ${scope.name}`);
  return { slot, name: scope.name, thresholds: scope.thresholds };
}

function endpointChoice(
  cluster: Cluster,
  pool: Pool | undefined,
  assignment: Assignment,
  shared: Shared,
): EndpointChoice {
  const slotOf = (owner: string, id: string) => {
    const slot = assignment.endpointSlots.get(endpointKey(owner, id));
    if (slot === undefined) throw new Error(`no row for the endpoint ${id} of ${owner}`);
    return slot;
  };
  if (pool !== undefined) {
    const slots = Int32Array.from(pool.endpoints, endpoint => slotOf(pool.name, endpoint.id));
    return new PoolChoice(pool, slots, cluster, shared.picker, shared.health);
  }
  const slots = cluster.endpoints.map(endpoint => slotOf(cluster.name, addressId(endpoint)));
  return new ServiceChoice(cluster, slots, shared.health, shared.random);
}

function connectionPool(
  cluster: Cluster,
  scope: ScopeHandle,
  assignment: Assignment,
  before: RoutingState | undefined,
  shared: Shared,
): UpstreamConnections {
  const endpointScope = (id: string): ScopeHandle | undefined => {
    if (scope.thresholds.maxConnectionsPerEndpoint === undefined) return undefined;
    const name = endpointKey(scope.name, id);
    const slot = assignment.limitSlots.get(name);
    return slot === undefined ? undefined : { slot, name, thresholds: scope.thresholds };
  };
  const kept = before?.clusters.get(cluster.name)?.connections;
  // The rows that its connections count in must stay theirs, and what they were made with what is asked for.
  const same =
    kept !== undefined &&
    kept.scope.slot === scope.slot &&
    isDeepStrictEqual(kept.tls, cluster.tls) &&
    kept.scope.thresholds.maxConnectionsPerEndpoint === scope.thresholds.maxConnectionsPerEndpoint;
  if (!same)
    return upstreamCodec(cluster).connections({
      cluster,
      scope,
      limits: new Limits(shared.table),
      endpointScope,
      askForIdle: shared.askForIdle,
      faults: shared.faults,
    });
  kept.update(cluster, scope, endpointScope);
  return kept;
}
