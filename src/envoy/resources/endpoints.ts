import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Cluster, Pool } from '../../plan/index.ts';
import { socketAddress } from '../envoy-bootstrap.ts';
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from '../gen/envoy/config/endpoint/v3/endpoint_pb.ts';

interface Weighted {
  readonly address: string;
  readonly port: number;
  readonly weight?: number;
}

/** Where a cluster's requests go. Empty: Envoy answers `no healthy upstream`. */
export function loadAssignment(cluster: Cluster, pool: Pool | undefined): ClusterLoadAssignment {
  return create(
    ClusterLoadAssignmentSchema,
    loadAssignmentInit(cluster.name, pool?.endpoints ?? cluster.endpoints),
  );
}

export function loadAssignmentInit(
  clusterName: string,
  endpoints: readonly Weighted[],
): MessageInitShape<typeof ClusterLoadAssignmentSchema> {
  if (endpoints.length === 0) return { clusterName };
  return {
    clusterName,
    endpoints: [
      {
        locality: {},
        loadBalancingWeight: 1,
        lbEndpoints: endpoints.map(({ address, port, weight }) => ({
          hostIdentifier: {
            case: 'endpoint' as const,
            value: { address: socketAddress(address, port) },
          },
          ...(weight === undefined ? {} : { loadBalancingWeight: Math.max(1, weight) }),
        })),
      },
    ],
  };
}
