import type { Json } from './merge.ts';

/** Ports of an Envoy's Pod that no listener may have (Envoy Gateway's). */
export const ENVOY_PORTS = { admin: 19_000, metrics: 19_001, readiness: 19_003 } as const;

/** Of Envoy's own admin interface. Envoy Gateway's name. */
export const ADMIN_CLUSTER = 'prometheus_stats';

export const ENVOY = 'type.googleapis.com/envoy';
const CONNECTION_MANAGER = `${ENVOY}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
export const ROUTER = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': `${ENVOY}.extensions.filters.http.router.v3.Router` },
};

export interface StaticListener {
  /** Of its statistics too. */
  readonly name: string;
  readonly address: Json;
  readonly filters: readonly object[];
  readonly route: object;
  /** More of its connection manager. */
  readonly manager?: object;
}

/** A listener that the overload of others does not close. */
export function httpListener({ name, address, filters, route, manager }: StaticListener): Json {
  return {
    name,
    address,
    bypass_overload_manager: true,
    ignore_global_conn_limit: true,
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': CONNECTION_MANAGER,
              stat_prefix: name,
              ...manager,
              route_config: { name, virtual_hosts: [{ name, domains: ['*'], routes: [route] }] },
              http_filters: filters,
            },
          },
        ],
      },
    ],
  };
}

/** A cluster of something in the Pod itself. */
export function localCluster(name: string, at: Json): Json {
  return { name, type: 'STATIC', connect_timeout: '0.250s', load_assignment: endpointOf(name, at) };
}

export function endpointOf(cluster_name: string, at: Json): Json {
  return { cluster_name, endpoints: [{ lb_endpoints: [{ endpoint: { address: at } }] }] };
}

export function socketAddress(host: string, port: number): Json {
  return { socket_address: { address: host, port_value: port } };
}
