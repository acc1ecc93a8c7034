import { parse, stringify } from 'yaml';
import { SDS_CERTIFICATE, SDS_FOLDER, SDS_TRUST } from '../../wire/control-plane-files.ts';
import { type JsonPatchOperation, jsonPatched } from './json-patch.ts';
import { isJson, type Json, jsonMerge } from './merge.ts';
import type { ProxySpec } from './proxy-spec.ts';

export interface BootstrapOptions {
  /** Where Envoys ask for their configuration. A name is resolved. */
  readonly xdsHost: string;
  readonly xdsPort: number;
}

/** Ports of an Envoy's Pod that no listener may have (Envoy Gateway's). */
export const ENVOY_PORTS = { admin: 19_000, metrics: 19_001, readiness: 19_003 } as const;

/** Where a Pod has them: certificates of a Secret, and what says so to Envoy. Envoy Gateway's paths. */
export const CERTIFICATES_PATH = '/certs';

const ENVOY = 'type.googleapis.com/envoy';
const CONNECTION_MANAGER = `${ENVOY}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': `${ENVOY}.extensions.filters.http.router.v3.Router` },
};

/** YAML of the Bootstrap of a Gateway's Envoys. @throws Error when the EnvoyProxy's own cannot be used */
export function bootstrapYaml(options: BootstrapOptions, spec: ProxySpec): string {
  const standard = standardBootstrap(options, spec);
  return stringify(withOverride(standard, spec.bootstrap), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function standardBootstrap(options: BootstrapOptions, { telemetry }: ProxySpec): Json {
  const { prometheus, matches = [] } = telemetry?.metrics ?? {};
  const hasMetrics = prometheus?.disable !== true;
  return {
    admin: { address: address('127.0.0.1', ENVOY_PORTS.admin), ignore_global_conn_limit: true },
    ...(matches.length === 0 ? {} : { stats_config: statsConfig(matches) }),
    layered_runtime: {
      layers: [
        {
          name: 'static',
          // Regular expressions of routes are checked before they are sent; Envoy's own limit is far below what people use.
          static_layer: { 're2.max_program_size.error_level': 4_294_967_295 },
        },
      ],
    },
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds_cluster' } }],
      },
      // Without a timeout: what listens statically, and with it readiness, begins when the first configuration is there.
      cds_config: { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' },
      lds_config: { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' },
    },
    static_resources: {
      listeners: [readinessListener(), ...(hasMetrics ? [metricsListener()] : [])],
      clusters: [xdsCluster(options), ...(hasMetrics ? [adminCluster()] : [])],
    },
    overload_manager: {
      refresh_interval: '0.25s',
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: {
            '@type': `${ENVOY}.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig`,
            max_active_downstream_connections: 50_000,
          },
        },
      ],
    },
  };
}

/** 200 once the first configuration is served, and until health checks are to fail. */
function readinessListener(): Json {
  const healthCheck = {
    name: 'envoy.filters.http.health_check',
    typed_config: {
      '@type': `${ENVOY}.extensions.filters.http.health_check.v3.HealthCheck`,
      pass_through_mode: false,
      headers: [{ name: ':path', string_match: { exact: '/ready' } }],
    },
  };
  const notFound = { match: { prefix: '/' }, direct_response: { status: 404 } };
  return httpListener('readiness', ENVOY_PORTS.readiness, [healthCheck, ROUTER], notFound);
}

function metricsListener(): Json {
  const route = { match: { path: '/stats/prometheus' }, route: { cluster: 'prometheus_stats' } };
  return httpListener('metrics', ENVOY_PORTS.metrics, [ROUTER], route);
}

function httpListener(name: string, port: number, filters: readonly object[], route: object): Json {
  return {
    name,
    address: address('0.0.0.0', port),
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
              route_config: { name, virtual_hosts: [{ name, domains: ['*'], routes: [route] }] },
              http_filters: filters,
            },
          },
        ],
      },
    ],
  };
}

function xdsCluster({ xdsHost, xdsPort }: BootstrapOptions): Json {
  const sds = ({ name, file }: typeof SDS_CERTIFICATE | typeof SDS_TRUST) => ({
    name,
    sds_config: { path_config_source: { path: `${SDS_FOLDER}/${file}` }, resource_api_version: 'V3' },
  });
  return {
    name: 'xds_cluster',
    type: 'STRICT_DNS',
    connect_timeout: '5s',
    load_assignment: endpoint('xds_cluster', xdsHost, xdsPort),
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${ENVOY}.extensions.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: {
          http2_protocol_options: { connection_keepalive: { interval: '30s', timeout: '5s' } },
        },
      },
    },
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${ENVOY}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
        common_tls_context: {
          tls_params: { tls_maximum_protocol_version: 'TLSv1_3' },
          alpn_protocols: ['h2'],
          tls_certificate_sds_secret_configs: [sds(SDS_CERTIFICATE)],
          validation_context_sds_secret_config: sds(SDS_TRUST),
        },
      },
    },
  };
}

function adminCluster(): Json {
  const name = 'prometheus_stats';
  const load_assignment = endpoint(name, '127.0.0.1', ENVOY_PORTS.admin);
  return { name, type: 'STATIC', connect_timeout: '0.250s', load_assignment };
}

function endpoint(cluster_name: string, host: string, port: number): Json {
  return { cluster_name, endpoints: [{ lb_endpoints: [{ endpoint: { address: address(host, port) } }] }] };
}

function address(host: string, port: number): Json {
  return { socket_address: { address: host, port_value: port } };
}

/** config/metrics/v3 StatsMatcher: only these are counted. */
function statsConfig(
  matches: readonly { readonly type?: string | undefined; readonly value: string }[],
): Json {
  const patterns = matches.map(({ type = 'Exact', value }) =>
    type === 'RegularExpression' ? { safe_regex: { regex: value } } : { [type.toLowerCase()]: value },
  );
  return { stats_matcher: { inclusion_list: { patterns } } };
}

/** Envoy Gateway, ApplyBootstrapConfig and Validate: where the control plane is cannot be changed. */
function withOverride(standard: Json, override: ProxySpec['bootstrap']): Json {
  if (override === undefined) return standard;
  const result = overridden(standard, override);
  for (const path of [
    ['dynamic_resources', 'ads_config'],
    ['dynamic_resources', 'lds_config'],
    ['dynamic_resources', 'cds_config'],
  ])
    if (!sameButTimeout(at(result, path), at(standard, path)))
      throw new Error(`bootstrap: ${path.join('.')} cannot be modified`);
  const whereIs = (bootstrap: Json) => JSON.stringify(at(xdsClusterIn(bootstrap), ['load_assignment']));
  if (whereIs(result) !== whereIs(standard))
    throw new Error('bootstrap: load_assignment of the cluster xds_cluster cannot be modified');
  return result;
}

function overridden(standard: Json, override: NonNullable<ProxySpec['bootstrap']>): Json {
  const { type = 'Replace', value = '', jsonPatches = [] } = override;
  const given: unknown =
    type === 'JSONPatch' ? patchedBootstrap(standard, jsonPatches) : (parse(value) as unknown);
  if (!isJson(given)) throw new Error('bootstrap: this is no YAML of a Bootstrap');
  return type === 'Merge' ? mergedBootstrap(standard, given) : given;
}

function patchedBootstrap(standard: Json, patches: readonly JsonPatchOperation[]): unknown {
  try {
    return jsonPatched(standard, patches);
  } catch (error) {
    throw new Error(`bootstrap: ${(error as Error).message}`);
  }
}

/** Protobuf's merge (Envoy Gateway merges messages): repeated fields are appended. */
function mergedBootstrap(standard: Json, given: Json): Json {
  const merged: Record<string, unknown> = { ...standard };
  for (const [key, value] of Object.entries(given)) {
    const was = merged[key];
    if (isJson(was) && isJson(value)) merged[key] = mergedBootstrap(was, value);
    else if (Array.isArray(was) && Array.isArray(value)) merged[key] = [...was, ...value];
    else merged[key] = value;
  }
  return merged;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isJson(inner) ? inner[key] : undefined), value);
}

function sameButTimeout(a: unknown, b: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(jsonMerge(value, { initial_fetch_timeout: null }));
  return text(a) === text(b);
}

function xdsClusterIn(bootstrap: Json): unknown {
  const clusters = at(bootstrap, ['static_resources', 'clusters']);
  return Array.isArray(clusters)
    ? clusters.find(each => isJson(each) && each['name'] === 'xds_cluster')
    : undefined;
}
