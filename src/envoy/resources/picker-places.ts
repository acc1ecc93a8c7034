import { create } from '@bufbuild/protobuf';
import { limitedPools, type Plan } from '../../plan/index.ts';
import type { Cluster as EnvoyCluster } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from '../gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { clientOfControlPlane } from './control-plane-tls.ts';
import { loadAssignmentInit } from './endpoints.ts';
import { movingPickerCluster, type PickerAddress, pickerCluster } from './own-clusters.ts';
import { PICKER_CLUSTER } from './resource-names.ts';

/** Where an Envoy finds the picker of each pool. */
export interface PickerPlaces {
  readonly clusters: readonly EnvoyCluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  /** Name of the cluster that leads to the picker of a pool. @param pool Pool.name */
  clusterOf(pool: string): string;
}

/** One picker for all pools. */
export function onePicker(at: PickerAddress): PickerPlaces {
  return { clusters: [pickerCluster(at)], endpoints: [], clusterOf: () => PICKER_CLUSTER };
}

export interface ReplicaPlaces {
  /** Its pools are asked about. */
  readonly plan: Pick<Plan, 'pools' | 'clusters' | 'limits'>;
  /** IP address of the replica that holds the permits of a pool; undefined: none does now. */
  readonly ownerOf: (pool: string) => string | undefined;
  /** IP address of this replica, which is there: it tells the Envoy so. It picks as well as any where nothing limits a pool. */
  readonly self: string;
  /** Of the picker, on every replica. */
  readonly port: number;
  /** IP address of a replica that answers where none holds permits of a pool: for what takes none. Undefined: nothing such is asked. */
  readonly otherwise: string | undefined;
  /** Folder of the SDS files by which an Envoy and a picker know each other; undefined: plain text. */
  readonly sdsFolder: string | undefined;
}

/**
 * Pickers in several replicas: each pool's is where its permits are held, and EDS says where that is. The access log, of which a
 * listener has one, goes to the picker of the first pool that has a holder.
 */
export function replicaPickers(replicas: ReplicaPlaces): PickerPlaces {
  const { plan, ownerOf, self, port, otherwise, sdsFolder } = replicas;
  const names = [...new Set(plan.pools.map(({ name }) => name))].sort();
  const limited = limitedPools(plan);
  const pickerOf = (pool: string) => ownerOf(pool) ?? (limited.has(pool) ? undefined : self);
  const places = [
    {
      name: PICKER_CLUSTER,
      address: names.map(pickerOf).find(address => address !== undefined) ?? otherwise,
    },
    ...names.map(pool => ({ name: clusterOf(pool), address: pickerOf(pool) })),
  ];
  const socket = sdsFolder === undefined ? undefined : clientOfControlPlane(sdsFolder);
  return {
    clusters: places.map(({ name }) => movingPickerCluster(name, socket)),
    endpoints: places.map(({ name, address }) =>
      create(
        ClusterLoadAssignmentSchema,
        loadAssignmentInit(name, address === undefined ? [] : [{ address, port }]),
      ),
    ),
    clusterOf,
  };
}

function clusterOf(pool: string): string {
  return `${PICKER_CLUSTER}/${pool}`;
}
