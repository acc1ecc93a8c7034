import type { JsonObject } from '@bufbuild/protobuf';

/** What a bootstrap with one pool is made of. */
export interface PoolRoute {
  /** Ports of model servers. */
  readonly endpoints: readonly number[];
  /** The picker's port. */
  readonly picker: number;
  readonly tls?: boolean;
  /** Sent as `x-breakwater-cluster`; default: none, the picker has a pool of its own. */
  readonly cluster?: string;
  /** Default: FULL_DUPLEX_STREAMED. */
  readonly requestBody?: 'NONE' | 'STREAMED' | 'BUFFERED' | 'BUFFERED_PARTIAL' | 'FULL_DUPLEX_STREAMED';
  readonly responseHeaders?: boolean;
  readonly responseBody?: 'NONE' | 'STREAMED' | 'BUFFERED' | 'FULL_DUPLEX_STREAMED';
  readonly failureModeAllow?: boolean;
}

const HTTP_CONNECTION_MANAGER =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const EXT_PROC = 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';
const OVERRIDE_HOST =
  'type.googleapis.com/envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost';
const LEAST_REQUEST =
  'type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest';
const HTTP_OPTIONS = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
/** A body of 12 MB fits in Envoy's buffers. */
const BUFFER_BYTES = 64 * 1024 * 1024;

/** An envoy.config.bootstrap.v3.Bootstrap with one listener, one pool and a picker. */
export function poolBootstrap(route: PoolRoute): JsonObject {
  const {
    requestBody = 'FULL_DUPLEX_STREAMED',
    responseHeaders = false,
    responseBody = 'NONE',
    failureModeAllow = true,
  } = route;
  const initialMetadata =
    route.cluster === undefined ? [] : [{ key: 'x-breakwater-cluster', value: route.cluster }];
  const picker = {
    grpc_service: {
      envoy_grpc: { cluster_name: 'picker' },
      timeout: '5s',
      initial_metadata: initialMetadata,
    },
    failure_mode_allow: failureModeAllow,
    message_timeout: '5s',
    processing_mode: {
      request_header_mode: 'SEND',
      response_header_mode: responseHeaders ? 'SEND' : 'SKIP',
      request_body_mode: requestBody,
      response_body_mode: responseBody,
      request_trailer_mode: requestBody === 'FULL_DUPLEX_STREAMED' ? 'SEND' : 'SKIP',
      response_trailer_mode: 'SEND',
    },
    mutation_rules: { allow_envoy: { value: true } },
    metadata_options: { receiving_namespaces: { untyped: ['envoy.lb'] } },
  };
  const admin = { address: socketAddress(0) };
  const resources = {
    listeners: [
      {
        name: 'gateway',
        address: socketAddress(0),
        per_connection_buffer_limit_bytes: BUFFER_BYTES,
        filter_chains: [
          {
            filters: [
              {
                name: 'envoy.filters.network.http_connection_manager',
                typed_config: {
                  '@type': HTTP_CONNECTION_MANAGER,
                  stat_prefix: 'gateway',
                  generate_request_id: true,
                  always_set_request_id_in_response: true,
                  route_config: {
                    virtual_hosts: [
                      {
                        name: 'all',
                        domains: ['*'],
                        routes: [{ match: { prefix: '/' }, route: { cluster: 'pool', timeout: '60s' } }],
                      },
                    ],
                  },
                  http_filters: [
                    {
                      name: 'envoy.filters.http.ext_proc',
                      typed_config: { '@type': EXT_PROC, ...picker },
                    },
                    { name: 'envoy.filters.http.router', typed_config: { '@type': ROUTER } },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [poolCluster(route.endpoints), pickerCluster(route)],
  };
  return { admin, static_resources: resources };
}

function poolCluster(endpoints: readonly number[]): JsonObject {
  const fallback = { name: 'least_request', typed_config: { '@type': LEAST_REQUEST } };
  return {
    name: 'pool',
    type: 'STATIC',
    connect_timeout: '5s',
    load_balancing_policy: {
      policies: [
        {
          typed_extension_config: {
            name: 'override_host',
            typed_config: {
              '@type': OVERRIDE_HOST,
              override_host_sources: [
                { header: 'x-gateway-destination-endpoint' },
                { metadata: { key: 'envoy.lb', path: [{ key: 'x-gateway-destination-endpoint' }] } },
              ],
              fallback_policy: { policies: [{ typed_extension_config: fallback }] },
            },
          },
        },
      ],
    },
    load_assignment: assignment('pool', endpoints),
  };
}

function pickerCluster({ picker, tls }: PoolRoute): JsonObject {
  return {
    name: 'picker',
    type: 'STATIC',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': HTTP_OPTIONS,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: assignment('picker', [picker]),
    ...(tls === true
      ? {
          transport_socket: {
            name: 'envoy.transport_sockets.tls',
            typed_config: { '@type': TLS, common_tls_context: { alpn_protocols: ['h2'] } },
          },
        }
      : {}),
  };
}

function assignment(cluster: string, ports: readonly number[]): JsonObject {
  const endpoints = ports.map(port => ({ endpoint: { address: socketAddress(port) } }));
  return { cluster_name: cluster, endpoints: [{ lb_endpoints: endpoints }] };
}

function socketAddress(port: number): JsonObject {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}
