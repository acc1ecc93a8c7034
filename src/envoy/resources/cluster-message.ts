import { isIP } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Cluster, ClusterStats, LimitScope, Thresholds } from '../../plan/index.ts';
import { packAny } from '../any.ts';
import type { CircuitBreakersSchema } from '../gen/envoy/config/cluster/v3/circuit_breaker_pb.ts';
import {
  Cluster_DiscoveryType,
  ClusterSchema,
  type Cluster as EnvoyCluster,
  type LoadBalancingPolicySchema,
} from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import { RoutingPriority } from '../gen/envoy/config/core/v3/base_pb.ts';
import { DnsLookupFamily } from '../gen/envoy/extensions/clusters/common/dns/v3/dns_pb.ts';
import { DnsClusterSchema } from '../gen/envoy/extensions/clusters/dns/v3/dns_cluster_pb.ts';
import { LeastRequestSchema } from '../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts';
import { OverrideHostSchema } from '../gen/envoy/extensions/load_balancing_policies/override_host/v3/override_host_pb.ts';
import { loadAssignmentInit } from './endpoints.ts';
import { healthCheck, outlierDetection } from './health-messages.ts';
import { ADS, duration } from './message-parts.ts';
import { DESTINATION, DESTINATION_NAMESPACE } from './resource-names.ts';
import { upstreamTls } from './tls-messages.ts';
import { upstreamProtocol } from './upstream-protocol.ts';

/** Envoy Gateway's. */
const DNS_REFRESH_MS = 30_000;

const EDS = { case: 'type', value: Cluster_DiscoveryType.EDS } as const;

/** Each address of a name is an endpoint, as of a cluster of type STRICT_DNS; that type's own fields are deprecated. */
const DNS = {
  case: 'clusterType',
  value: {
    name: 'envoy.cluster.dns',
    typedConfig: packAny(DnsClusterSchema, {
      dnsLookupFamily: DnsLookupFamily.V4_PREFERRED,
      dnsRefreshRate: duration(DNS_REFRESH_MS),
      respectDnsTtl: true,
    }),
  },
} as const;

/** Endpoints come over EDS, but for host names, which Envoy resolves itself. */
export function usesEds(cluster: Cluster): boolean {
  return cluster.kind === 'pool' || cluster.endpoints.every(endpoint => isIP(endpoint.address) !== 0);
}

export function envoyCluster(
  cluster: Cluster,
  { thresholds }: LimitScope,
  stats?: ClusterStats,
): EnvoyCluster {
  const eds = usesEds(cluster);
  return create(ClusterSchema, {
    name: cluster.name,
    clusterDiscoveryType: eds ? EDS : DNS,
    ...(eds
      ? { edsClusterConfig: { edsConfig: ADS, serviceName: cluster.name } }
      : { loadAssignment: loadAssignmentInit(cluster.name, cluster.endpoints) }),
    connectTimeout: duration(cluster.connectTimeoutMs),
    ...(stats && {
      trackClusterStats: {
        perEndpointStats: stats.perEndpoint,
        requestResponseSizes: stats.requestResponseSizes,
      },
    }),
    ...(cluster.tls && { transportSocket: upstreamTls(cluster.tls, cluster.http2 ? 'h2' : 'http/1.1') }),
    loadBalancingPolicy: cluster.kind === 'pool' ? pickedHost() : leastRequest(),
    circuitBreakers: circuitBreakers(thresholds),
    commonLbConfig: { healthyPanicThreshold: { value: cluster.panicThresholdPercent } },
    ...(cluster.outlierDetection && { outlierDetection: outlierDetection(cluster.outlierDetection) }),
    ...(cluster.activeHealthCheck && {
      healthChecks: [healthCheck(cluster.activeHealthCheck, cluster.name)],
      ignoreHealthOnHostRemoval: true,
    }),
    typedExtensionProtocolOptions: upstreamProtocol(cluster, thresholds),
  });
}

/** Thresholds of the routing priority that all routes have, exact in Envoy per worker (envoy.config.cluster.v3.CircuitBreakers). */
function circuitBreakers(thresholds: Thresholds): MessageInitShape<typeof CircuitBreakersSchema> {
  const { retryBudget, maxConnectionsPerEndpoint } = thresholds;
  return {
    thresholds: [
      {
        priority: RoutingPriority.DEFAULT,
        maxConnections: thresholds.maxConnections,
        maxPendingRequests: thresholds.maxPendingRequests,
        maxRequests: thresholds.maxParallelRequests,
        maxRetries: thresholds.maxParallelRetries,
        trackRemaining: true,
        ...(retryBudget && {
          retryBudget: {
            budgetPercent: { value: retryBudget.percent },
            minRetryConcurrency: retryBudget.minRetryConcurrency,
          },
        }),
      },
    ],
    ...(maxConnectionsPerEndpoint !== undefined && {
      perHostThresholds: [{ priority: RoutingPriority.DEFAULT, maxConnections: maxConnectionsPerEndpoint }],
    }),
  };
}

type Balancing = MessageInitShape<typeof LoadBalancingPolicySchema>;

function leastRequest(): Balancing {
  return {
    policies: [
      {
        typedExtensionConfig: {
          name: 'envoy.load_balancing_policies.least_request',
          typedConfig: packAny(LeastRequestSchema, {
            localityLbConfig: { localityConfigSpecifier: { case: 'localityWeightedLbConfig', value: {} } },
          }),
        },
      },
    ],
  };
}

/** The picker's endpoint, by header or metadata; without one, or for an address that is not in the pool, the least loaded. */
function pickedHost(): Balancing {
  return {
    policies: [
      {
        typedExtensionConfig: {
          name: 'envoy.load_balancing_policies.override_host',
          typedConfig: packAny(OverrideHostSchema, {
            overrideHostSources: [
              { header: DESTINATION },
              {
                metadata: {
                  key: DESTINATION_NAMESPACE,
                  path: [{ segment: { case: 'key', value: DESTINATION } }],
                },
              },
            ],
            fallbackPolicy: leastRequest(),
          }),
        },
      },
    ],
  };
}
