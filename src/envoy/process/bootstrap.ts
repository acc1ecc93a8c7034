import { create, type MessageInitShape, toJsonString } from '@bufbuild/protobuf';
import { packAny } from '../any.ts';
import { BootstrapSchema } from '../gen/envoy/config/bootstrap/v3/bootstrap_pb.ts';
import { Cluster_DiscoveryType, type ClusterSchema } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { AddressSchema } from '../gen/envoy/config/core/v3/address_pb.ts';
import {
  ApiConfigSource_ApiType,
  ApiVersion,
  type ConfigSourceSchema,
} from '../gen/envoy/config/core/v3/config_source_pb.ts';
import { HttpProtocolOptionsSchema } from '../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';
import { envoyTypes } from '../registry.ts';

export interface BootstrapOptions {
  /** Tells Envoys apart at the control plane. */
  readonly nodeId: string;
  /** Service name of the proxy: the Gateway's, or of all Gateways of this machine. */
  readonly nodeCluster: string;
  /** Loopback port of the admin interface; 0: any, which Envoy then writes where it is told to. */
  readonly adminPort: number;
  readonly controlPlane: { readonly address: string; readonly port: number };
}

/** Name of the static cluster that leads to the control plane. */
const CONTROL_PLANE = 'xds_cluster';

/** What a local Envoy is started with, as JSON: an admin interface on loopback, and all else over ADS. */
export function bootstrapJson({ nodeId, nodeCluster, adminPort, controlPlane }: BootstrapOptions): string {
  const ads: MessageInitShape<typeof ConfigSourceSchema> = {
    resourceApiVersion: ApiVersion.V3,
    configSourceSpecifier: { case: 'ads', value: {} },
    initialFetchTimeout: { seconds: 0n },
  };
  const bootstrap = create(BootstrapSchema, {
    node: { id: nodeId, cluster: nodeCluster },
    admin: { address: socketAddress('127.0.0.1', adminPort), ignoreGlobalConnLimit: true },
    dynamicResources: {
      ldsConfig: ads,
      cdsConfig: ads,
      adsConfig: {
        apiType: ApiConfigSource_ApiType.DELTA_GRPC,
        transportApiVersion: ApiVersion.V3,
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ targetSpecifier: { case: 'envoyGrpc', value: { clusterName: CONTROL_PLANE } } }],
      },
    },
    staticResources: { clusters: [controlPlaneCluster(controlPlane)] },
    layeredRuntime: {
      layers: [
        {
          name: 'static',
          // Regular expressions are checked before they are sent; Envoy's own limit of 100 is far below what routes use.
          layerSpecifier: {
            case: 'staticLayer',
            value: { 're2.max_program_size.error_level': 4_294_967_295 },
          },
        },
      ],
    },
  });
  return toJsonString(BootstrapSchema, bootstrap, { registry: envoyTypes(), prettySpaces: 2 });
}

function controlPlaneCluster({
  address,
  port,
}: BootstrapOptions['controlPlane']): MessageInitShape<typeof ClusterSchema> {
  return {
    name: CONTROL_PLANE,
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.STATIC },
    connectTimeout: { seconds: 1n },
    loadAssignment: {
      clusterName: CONTROL_PLANE,
      endpoints: [
        {
          lbEndpoints: [
            {
              hostIdentifier: { case: 'endpoint', value: { address: socketAddress(address, port) } },
            },
          ],
        },
      ],
    },
    typedExtensionProtocolOptions: {
      [HttpProtocolOptionsSchema.typeName]: packAny(HttpProtocolOptionsSchema, {
        upstreamProtocolOptions: {
          case: 'explicitHttpConfig',
          value: {
            protocolConfig: {
              case: 'http2ProtocolOptions',
              // A control plane that hangs is noticed.
              value: { connectionKeepalive: { interval: { seconds: 30n }, timeout: { seconds: 5n } } },
            },
          },
        },
      }),
    },
  };
}

function socketAddress(address: string, port: number): MessageInitShape<typeof AddressSchema> {
  return {
    address: {
      case: 'socketAddress',
      value: { address, portSpecifier: { case: 'portValue', value: port } },
    },
  };
}
