import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { packAny } from '../any.ts';
import { pipeAddress } from '../envoy-bootstrap.ts';
import {
  Cluster_DiscoveryType,
  ClusterSchema,
  type Cluster as EnvoyCluster,
} from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { TransportSocketSchema } from '../gen/envoy/config/core/v3/base_pb.ts';
import { HttpProtocolOptionsSchema } from '../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';
import { loadAssignmentInit } from './endpoints.ts';
import { ADS, duration, type Parts } from './message-parts.ts';
import { EMPTY_CLUSTER, PICKER_CLUSTER } from './resource-names.ts';

/** Every request to a pool has a stream to the picker: its own limits must not be the ones that bind. */
const MAX_STREAMS = 1_000_000;
const PICKER_CONNECT_TIMEOUT_MS = 1000;

/** A socket of the file system, where it is on the same machine and for its user alone. */
export type PickerAddress = { readonly address: string; readonly port: number } | { readonly path: string };

/** Leads to our own picker, over HTTP/2. */
export function pickerCluster(at: PickerAddress): EnvoyCluster {
  return create(ClusterSchema, {
    ...overHttp2(PICKER_CLUSTER),
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.STATIC },
    loadAssignment:
      'path' in at
        ? {
            clusterName: PICKER_CLUSTER,
            endpoints: [
              {
                lbEndpoints: [
                  { hostIdentifier: { case: 'endpoint', value: { address: pipeAddress(at.path) } } },
                ],
              },
            ],
          }
        : loadAssignmentInit(PICKER_CLUSTER, [at]),
  });
}

/** Leads to one of several pickers, which EDS names. @param transportSocket absent: plain text */
export function movingPickerCluster(
  name: string,
  transportSocket: MessageInitShape<typeof TransportSocketSchema> | undefined,
): EnvoyCluster {
  return create(ClusterSchema, {
    ...overHttp2(name),
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: ADS, serviceName: name },
    ...(transportSocket && { transportSocket }),
    // Requests go to the new one at once, and those in flight stay with the old one.
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
  });
}

function overHttp2(name: string): Parts<typeof ClusterSchema> {
  return {
    name,
    connectTimeout: duration(PICKER_CONNECT_TIMEOUT_MS),
    circuitBreakers: {
      thresholds: [
        { maxConnections: MAX_STREAMS, maxPendingRequests: MAX_STREAMS, maxRequests: MAX_STREAMS },
      ],
    },
    typedExtensionProtocolOptions: {
      [HttpProtocolOptionsSchema.typeName]: packAny(HttpProtocolOptionsSchema, {
        upstreamProtocolOptions: {
          case: 'explicitHttpConfig',
          value: { protocolConfig: { case: 'http2ProtocolOptions', value: {} } },
        },
      }),
    },
  };
}

/** Without endpoints, for the share of a backend that has none: 503 `no healthy upstream`. */
export function emptyCluster(): EnvoyCluster {
  return create(ClusterSchema, {
    name: EMPTY_CLUSTER,
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.STATIC },
    loadAssignment: { clusterName: EMPTY_CLUSTER },
    connectTimeout: duration(PICKER_CONNECT_TIMEOUT_MS),
  });
}
