import { createHash } from 'node:crypto';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type Any, anyPack } from '@bufbuild/protobuf/wkt';
import {
  type Cluster,
  Cluster_DiscoveryType,
  ClusterSchema,
} from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from '../gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { type Listener, ListenerSchema } from '../gen/envoy/config/listener/v3/listener_pb.ts';
import { type RouteConfiguration, RouteConfigurationSchema } from '../gen/envoy/config/route/v3/route_pb.ts';
import { type Secret, SecretSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import type { XdsType } from './types.ts';

export interface XdsResource {
  readonly name: string;
  /** Of the content: equal content has an equal version, in every process. */
  readonly version: string;
  readonly body: Any;
  /** Of a cluster: the ClusterLoadAssignment that it waits for. */
  readonly endpoints?: string;
}

export type ResourcesByName = ReadonlyMap<string, XdsResource>;

/** All that an Envoy is to know; never changed once made. */
export type Snapshot = Readonly<Record<XdsType, ResourcesByName>>;

export interface SnapshotMessages {
  readonly clusters?: readonly Cluster[];
  readonly endpoints?: readonly ClusterLoadAssignment[];
  readonly secrets?: readonly Secret[];
  readonly listeners?: readonly Listener[];
  readonly routes?: readonly RouteConfiguration[];
}

/**
 * What has not changed since `previous` keeps its object. Throws where two resources of a type have one name.
 * The version is a hash of the bytes: build maps in a fixed order.
 */
export function makeSnapshot(messages: SnapshotMessages, previous?: Snapshot): Snapshot {
  const { clusters = [], endpoints = [], secrets = [], listeners = [], routes = [] } = messages;
  return {
    cluster: collect(ClusterSchema, clusters, nameOf, previous?.cluster, endpointsOf),
    endpoints: collect(ClusterLoadAssignmentSchema, endpoints, of => of.clusterName, previous?.endpoints),
    secret: collect(SecretSchema, secrets, nameOf, previous?.secret),
    listener: collect(ListenerSchema, listeners, nameOf, previous?.listener),
    route: collect(RouteConfigurationSchema, routes, nameOf, previous?.route),
  };
}

/** Hash of names and versions, in any order. Of nothing: a fixed value, which is not empty. */
export function versionOf(parts: Iterable<{ readonly name: string; readonly version: string }>): string {
  const lines = Array.from(parts, ({ name, version }) => `${name}\0${version}\n`).sort();
  return hash(lines.join(''));
}

function collect<Desc extends DescMessage>(
  schema: Desc,
  messages: readonly MessageShape<Desc>[],
  name: (message: MessageShape<Desc>) => string,
  previous: ResourcesByName | undefined,
  endpoints?: (message: MessageShape<Desc>) => string | undefined,
): ResourcesByName {
  const made = new Map<string, XdsResource>();
  for (const message of messages) {
    const key = name(message);
    if (made.has(key))
      throw new Error(`two resources ${schema.typeName} have the name ${JSON.stringify(key)}`);
    const body = anyPack(schema, message);
    const version = hash(body.value);
    const old = previous?.get(key);
    const waitsFor = endpoints?.(message);
    const fresh = { name: key, version, body, ...(waitsFor === undefined ? {} : { endpoints: waitsFor }) };
    made.set(key, old?.version === version ? old : fresh);
  }
  return made;
}

function nameOf(message: { readonly name: string }): string {
  return message.name;
}

/** envoy.config.cluster.v3.Cluster.EdsClusterConfig.service_name: the cluster's own name where it is empty. */
function endpointsOf(cluster: Cluster): string | undefined {
  const { case: kind, value } = cluster.clusterDiscoveryType;
  if (kind !== 'type' || value !== Cluster_DiscoveryType.EDS) return undefined;
  return cluster.edsClusterConfig?.serviceName || cluster.name;
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
