import { create } from '@bufbuild/protobuf';
import { packAny } from '../../../src/envoy/any.ts';
import { fromAds, socketAddress } from '../../../src/envoy/envoy-bootstrap.ts';
import {
  Cluster_DiscoveryType,
  ClusterSchema,
} from '../../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from '../../../src/envoy/gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from '../../../src/envoy/gen/envoy/config/listener/v3/listener_pb.ts';
import { RouteConfigurationSchema } from '../../../src/envoy/gen/envoy/config/route/v3/route_pb.ts';
import { RouterSchema } from '../../../src/envoy/gen/envoy/extensions/filters/http/router/v3/router_pb.ts';
import { HttpConnectionManagerSchema } from '../../../src/envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import type { SnapshotMessages } from '../../../src/envoy/xds/snapshot.ts';

export interface Services {
  /** Path prefix → cluster. */
  readonly routes: Readonly<Record<string, string>>;
  /** Cluster → port on the loopback. */
  readonly clusters: Readonly<Record<string, number>>;
  readonly connectTimeoutMs?: number;
  /** Envoy refuses the listener. */
  readonly brokenListener?: boolean;
}

/** One listener `web` on a free port, its routes, and clusters whose endpoints come over EDS. */
export function resources(of: Services): SnapshotMessages {
  return {
    listeners: [listener(of.brokenListener ?? false)],
    routes: [routes(of.routes)],
    clusters: Object.keys(of.clusters).map(name => cluster(name, of.connectTimeoutMs ?? 1000)),
    endpoints: Object.entries(of.clusters).map(([name, port]) => endpoints(name, port)),
  };
}

function listener(broken: boolean) {
  const typedConfig = packAny(HttpConnectionManagerSchema, {
    statPrefix: broken ? '' : 'web',
    routeSpecifier: { case: 'rds', value: { configSource: fromAds(), routeConfigName: 'web' } },
    httpFilters: [
      {
        name: 'envoy.filters.http.router',
        configType: { case: 'typedConfig', value: packAny(RouterSchema, {}) },
      },
    ],
  });
  const name = 'envoy.filters.network.http_connection_manager';
  return create(ListenerSchema, {
    name: 'web',
    address: socketAddress('127.0.0.1', 0),
    filterChains: [
      { name: 'web', filters: [{ name, configType: { case: 'typedConfig', value: typedConfig } }] },
    ],
  });
}

function routes(of: Services['routes']) {
  return create(RouteConfigurationSchema, {
    name: 'web',
    virtualHosts: [
      {
        name: 'any',
        domains: ['*'],
        routes: Object.entries(of).map(([prefix, to]) => ({
          match: { pathSpecifier: { case: 'prefix' as const, value: prefix } },
          action: {
            case: 'route' as const,
            value: { clusterSpecifier: { case: 'cluster' as const, value: to }, timeout: { seconds: 0n } },
          },
        })),
      },
    ],
  });
}

function cluster(name: string, connectTimeoutMs: number) {
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: fromAds() },
    connectTimeout: {
      seconds: BigInt(Math.floor(connectTimeoutMs / 1000)),
      nanos: (connectTimeoutMs % 1000) * 1e6,
    },
  });
}

function endpoints(clusterName: string, port: number) {
  const endpoint = { case: 'endpoint', value: { address: socketAddress('127.0.0.1', port) } } as const;
  return create(ClusterLoadAssignmentSchema, {
    clusterName,
    endpoints: [{ lbEndpoints: [{ hostIdentifier: endpoint }] }],
  });
}
