import { create, type JsonValue, toJson } from '@bufbuild/protobuf';
import { packAny } from './any.ts';
import { type Bootstrap, BootstrapSchema } from './gen/envoy/config/bootstrap/v3/bootstrap_pb.ts';
import {
  type Cluster,
  Cluster_DiscoveryType,
  ClusterSchema,
} from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import {
  ApiConfigSource_ApiType,
  ApiVersion,
  type ConfigSource,
  ConfigSourceSchema,
} from './gen/envoy/config/core/v3/config_source_pb.ts';
import { DownstreamConnectionsConfigSchema } from './gen/envoy/extensions/resource_monitors/downstream_connections/v3/downstream_connections_pb.ts';
import { HttpProtocolOptionsSchema } from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';
import { AUTHORIZATION } from './grpc/bearer.ts';
import { envoyTypes } from './registry.ts';

/** Port 0: a free one, see Envoy's `--admin-address-path`. */
type AdminPlace = { readonly host: string; readonly port: number } | { readonly path: string };

export interface BootstrapOptions {
  /** Of one Envoy. */
  readonly nodeId: string;
  /** Of all Envoys of one gateway. */
  readonly nodeCluster: string;
  /** Where the control plane listens. A name is resolved. */
  readonly xds: { readonly host: string; readonly port: number };
  /** Absent: no admin interface. */
  readonly admin?: AdminPlace;
  /** Default: delta, which also removes in order when it reconnects to a plan that has changed meanwhile. */
  readonly protocol?: 'delta' | 'state-of-the-world';
  readonly transportSocket?: Cluster['transportSocket'];
  /** What the control plane asks for before it tells keys. The bootstrap is a secret then. */
  readonly authorization?: string;
  /** Further clusters that are there from the start. */
  readonly clusters?: readonly Cluster[];
}

export const XDS_CLUSTER = 'xds_cluster';

/** Routes' regular expressions are checked before they are sent; Envoy's own limit, 100, is far below what people use. */
const RUNTIME = { 're2.max_program_size.error_level': 4_294_967_295 };

/** Of one Envoy, over all listeners; each costs it some 30 KB. */
const MAX_CLIENT_CONNECTIONS = 50_000n;

/** Listeners, clusters and all that they name come over ADS. */
export function bootstrap(options: BootstrapOptions): Bootstrap {
  const { nodeId, nodeCluster, admin, protocol = 'delta', clusters = [], authorization } = options;
  const { GRPC, DELTA_GRPC } = ApiConfigSource_ApiType;
  return create(BootstrapSchema, {
    node: { id: nodeId, cluster: nodeCluster },
    ...(admin === undefined ? {} : { admin: adminInterface(admin) }),
    staticResources: { clusters: [xdsCluster(options), ...clusters] },
    dynamicResources: {
      adsConfig: {
        apiType: protocol === 'delta' ? DELTA_GRPC : GRPC,
        transportApiVersion: ApiVersion.V3,
        setNodeOnFirstMessageOnly: true,
        grpcServices: [
          {
            targetSpecifier: { case: 'envoyGrpc', value: { clusterName: XDS_CLUSTER } },
            ...(authorization !== undefined && {
              initialMetadata: [{ key: AUTHORIZATION, value: authorization }],
            }),
          },
        ],
      },
      cdsConfig: fromAds(),
      ldsConfig: fromAds(),
    },
    ...processWide(),
  });
}

/** What is not of a plan but of each Envoy. */
export function processWide() {
  return {
    layeredRuntime: {
      layers: [{ name: 'static', layerSpecifier: { case: 'staticLayer' as const, value: RUNTIME } }],
    },
    overloadManager: {
      resourceMonitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          configType: {
            case: 'typedConfig' as const,
            value: packAny(DownstreamConnectionsConfigSchema, {
              maxActiveDownstreamConnections: MAX_CLIENT_CONNECTIONS,
            }),
          },
        },
      ],
    },
  };
}

/** A socket of the file system. */
export function pipeAddress(path: string) {
  return { address: { case: 'pipe' as const, value: { path } } };
}

/** Answers also when clients have taken all connections. */
export function adminInterface(place: AdminPlace) {
  const address = 'path' in place ? pipeAddress(place.path) : socketAddress(place.host, place.port);
  return { address, ignoreGlobalConnLimit: true };
}

export function bootstrapJson(options: BootstrapOptions): JsonValue {
  return toJson(BootstrapSchema, bootstrap(options), { registry: envoyTypes() });
}

/** For every resource that is named by another one. */
export function fromAds(): ConfigSource {
  return create(ConfigSourceSchema, {
    resourceApiVersion: ApiVersion.V3,
    configSourceSpecifier: { case: 'ads', value: {} },
  });
}

function xdsCluster({ xds, transportSocket }: BootstrapOptions): Cluster {
  const endpoint = { case: 'endpoint', value: { address: socketAddress(xds.host, xds.port) } } as const;
  const http2 = {
    protocolConfig: {
      case: 'http2ProtocolOptions',
      value: { connectionKeepalive: { interval: { seconds: 30n }, timeout: { seconds: 5n } } },
    },
  } as const;
  return create(ClusterSchema, {
    name: XDS_CLUSTER,
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.STRICT_DNS },
    connectTimeout: { seconds: 5n },
    ...(transportSocket === undefined ? {} : { transportSocket }),
    loadAssignment: {
      clusterName: XDS_CLUSTER,
      endpoints: [{ lbEndpoints: [{ hostIdentifier: endpoint }] }],
    },
    typedExtensionProtocolOptions: {
      [HttpProtocolOptionsSchema.typeName]: packAny(HttpProtocolOptionsSchema, {
        upstreamProtocolOptions: { case: 'explicitHttpConfig', value: http2 },
      }),
    },
  });
}

export function socketAddress(address: string, port: number) {
  const value = { address, portSpecifier: { case: 'portValue', value: port } } as const;
  return { address: { case: 'socketAddress', value } } as const;
}
