import { typeUrlOf } from '../any.ts';
import { ClusterSchema } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from '../gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from '../gen/envoy/config/listener/v3/listener_pb.ts';
import { RouteConfigurationSchema } from '../gen/envoy/config/route/v3/route_pb.ts';
import { SecretSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';

/** In the order in which changes are sent, so that nothing refers to what is not there yet. */
export const XDS_TYPES = ['cluster', 'endpoints', 'secret', 'listener', 'route'] as const;
export type XdsType = (typeof XDS_TYPES)[number];

export const TYPE_URLS: Readonly<Record<XdsType, string>> = {
  cluster: typeUrlOf(ClusterSchema),
  endpoints: typeUrlOf(ClusterLoadAssignmentSchema),
  secret: typeUrlOf(SecretSchema),
  listener: typeUrlOf(ListenerSchema),
  route: typeUrlOf(RouteConfigurationSchema),
};

const BY_URL: ReadonlyMap<string, XdsType> = new Map(XDS_TYPES.map(type => [TYPE_URLS[type], type]));

export function typeOfUrl(url: string): XdsType | undefined {
  return BY_URL.get(url);
}

/**
 * Listeners and clusters: an answer in the state-of-the-world protocol holds all of them, and a first request without names
 * asks for all. (xDS protocol, "How the client specifies what resources to return".)
 */
export function isFullSet(type: XdsType): boolean {
  return type === 'cluster' || type === 'listener';
}
