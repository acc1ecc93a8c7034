import { create, type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf';
import { adminInterface, processWide } from './envoy-bootstrap.ts';
import { BootstrapSchema } from './gen/envoy/config/bootstrap/v3/bootstrap_pb.ts';
import { ClusterSchema } from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from './gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from './gen/envoy/config/listener/v3/listener_pb.ts';
import { RouteConfigurationSchema } from './gen/envoy/config/route/v3/route_pb.ts';
import { SecretSchema } from './gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import { envoyTypes } from './registry.ts';
import type { planMessages } from './resources/plan-messages.ts';

export type Messages = ReturnType<typeof planMessages>;

/** The messages of a plan as protobuf's JSON, by kind, in their order. */
export function messagesJson(messages: Messages) {
  const options = { registry: envoyTypes() };
  return {
    listeners: messages.listeners.map(one => toJson(ListenerSchema, one, options) as JsonObject),
    routes: messages.routes.map(one => toJson(RouteConfigurationSchema, one, options) as JsonObject),
    clusters: messages.clusters.map(one => toJson(ClusterSchema, one, options) as JsonObject),
    endpoints: messages.endpoints.map(one => toJson(ClusterLoadAssignmentSchema, one, options) as JsonObject),
    secrets: messages.secrets.map(one => toJson(SecretSchema, one, options) as JsonObject),
  };
}

export interface StaticBootstrapOptions {
  /** Port 0: a free one, see Envoy's `--admin-address-path`. */
  readonly admin: { readonly host: string; readonly port: number };
}

/** What an Envoy without a control plane is started with to serve these messages: protobuf's JSON of a Bootstrap. */
export function staticBootstrap(messages: Messages, { admin }: StaticBootstrapOptions): JsonObject {
  const { listeners, routes, clusters, endpoints, secrets } = messagesJson(messages);
  const routesOf = new Map(routes.map(route => [route['name'], route]));
  const endpointsOf = new Map(endpoints.map(one => [one['clusterName'], one]));
  const common = create(BootstrapSchema, {
    node: { id: 'breakwater', cluster: 'breakwater' },
    admin: adminInterface(admin),
    ...processWide(),
  });
  return {
    ...(toJson(BootstrapSchema, common, { registry: envoyTypes() }) as JsonObject),
    staticResources: {
      listeners: listeners.map(listener => inlined(listener, routesOf)),
      clusters: clusters.map(({ edsClusterConfig, ...cluster }) =>
        edsClusterConfig === undefined
          ? cluster
          : { ...cluster, type: 'STATIC', loadAssignment: endpointsOf.get(cluster['name']) as JsonValue },
      ),
      ...(secrets.length > 0 && { secrets }),
    },
  };
}

/** Routes and certificates that would come over ADS stand where they are named. */
function inlined(value: JsonValue, routes: ReadonlyMap<JsonValue | undefined, JsonObject>): JsonValue {
  if (Array.isArray(value)) return value.map(one => inlined(one, routes));
  if (value === null || typeof value !== 'object') return value;
  const out: JsonObject = {};
  for (const [key, one] of Object.entries(value)) {
    if (key === 'rds') {
      const route = routes.get((one as JsonObject)['routeConfigName']);
      if (route === undefined) throw new Error(`no routes ${JSON.stringify(one)}`);
      // A backend that is not there is a cluster that is not there.
      out['routeConfig'] = { ...route, validateClusters: false };
    } else if (key !== 'sdsConfig') out[key] = inlined(one, routes);
  }
  return out;
}
