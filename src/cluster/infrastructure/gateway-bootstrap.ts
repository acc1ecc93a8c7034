import { parse, stringify } from 'yaml';
import { SDS_CERTIFICATE, SDS_FOLDER, SDS_TRUST } from '../../tls/index.ts';
import { checkBootstrapFields, checkBootstrapParts } from '../envoy-config/index.ts';
import { drainTimes } from './drain.ts';
import { COUNTED, endingCluster, endingFilter, endingListener } from './ending.ts';
import { type JsonPatchOperation, jsonPatched } from './json-patch.ts';
import { isJson, type Json, jsonMerge } from './merge.ts';
import { kubernetesOf, type ProxySpec } from './proxy-spec.ts';
import {
  ADMIN_CLUSTER,
  ENVOY,
  ENVOY_PORTS,
  endpointOf,
  httpListener,
  localCluster,
  ROUTER,
  socketAddress,
} from './static-parts.ts';

export interface BootstrapOptions {
  /** Where Envoys ask for their configuration. A name is resolved. */
  readonly xdsHost: string;
  readonly xdsPort: number;
}

/** Where a Pod has them: certificates of a Secret, and what says so to Envoy. Envoy Gateway's paths. */
export const CERTIFICATES_PATH = '/certs';

/** YAML of the Bootstrap of a Gateway's Envoys. @throws Error when the EnvoyProxy's own cannot be used */
export function bootstrapYaml(options: BootstrapOptions, spec: ProxySpec): string {
  const standard = standardBootstrap(options, spec);
  return stringify(withOverride(standard, spec), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function standardBootstrap(options: BootstrapOptions, spec: ProxySpec): Json {
  const { telemetry } = spec;
  const { prometheus, matches = [] } = telemetry?.metrics ?? {};
  const hasMetrics = prometheus?.disable !== true;
  return {
    admin: { address: socketAddress('127.0.0.1', ENVOY_PORTS.admin), ignore_global_conn_limit: true },
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
      listeners: [readinessListener(spec), ...(hasMetrics ? [metricsListener()] : []), endingListener()],
      clusters: [xdsCluster(options), adminCluster(), endingCluster()],
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
function readinessListener(spec: ProxySpec): Json {
  const times = drainTimes(spec);
  const healthCheck = {
    name: 'envoy.filters.http.health_check',
    typed_config: {
      '@type': `${ENVOY}.extensions.filters.http.health_check.v3.HealthCheck`,
      pass_through_mode: false,
      headers: [{ name: ':path', string_match: { exact: '/ready' } }],
    },
  };
  return httpListener({
    name: 'readiness',
    address: socketAddress('0.0.0.0', ENVOY_PORTS.readiness),
    filters: [healthCheck, endingFilter(times), ROUTER],
    route: { match: { prefix: '/' }, direct_response: { status: 404 } },
    // An answer may take as long as the Pod takes to end; the head of a request may not. Envoy's time for a whole request would go
    // on while its answer is waited for.
    manager: { stream_idle_timeout: `${times.graceSeconds}s`, request_headers_timeout: '10s' },
  });
}

function metricsListener(): Json {
  return httpListener({
    name: 'metrics',
    address: socketAddress('0.0.0.0', ENVOY_PORTS.metrics),
    filters: [ROUTER],
    route: { match: { path: '/stats/prometheus' }, route: { cluster: ADMIN_CLUSTER } },
  });
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
    load_assignment: endpointOf('xds_cluster', socketAddress(xdsHost, xdsPort)),
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
  return localCluster(ADMIN_CLUSTER, socketAddress('127.0.0.1', ENVOY_PORTS.admin));
}

/** config/metrics/v3 StatsMatcher: only these are counted, and what is asked when the Pod is to end. */
function statsConfig(
  matches: readonly { readonly type?: string | undefined; readonly value: string }[],
): Json {
  const patterns = matches.map(({ type = 'Exact', value }) =>
    type === 'RegularExpression' ? { safe_regex: { regex: value } } : { [type.toLowerCase()]: value },
  );
  return {
    stats_matcher: { inclusion_list: { patterns: [...patterns, { safe_regex: { regex: COUNTED } }] } },
  };
}

/** Whether the EnvoyProxy's own bootstrap left in place what answers when nothing is left in a Pod that is to end. */
export function answersEnding(yaml: string, options: BootstrapOptions, spec: ProxySpec): boolean {
  if (spec.bootstrap === undefined) return true;
  const standard = standardBootstrap(options, spec);
  const given: unknown = parse(yaml);
  const parts = (bootstrap: unknown) =>
    JSON.stringify([
      at(bootstrap, ['admin', 'address']),
      ...['readiness', 'ending'].map(name => named(at(bootstrap, ['static_resources', 'listeners']), name)),
      ...[ADMIN_CLUSTER, 'ending'].map(name => named(at(bootstrap, ['static_resources', 'clusters']), name)),
    ]);
  return parts(given) === parts(standard);
}

/** Envoy Gateway, ApplyBootstrapConfig and Validate: where the control plane is cannot be changed. */
function withOverride(standard: Json, spec: ProxySpec): Json {
  const override = spec.bootstrap;
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
  checkBootstrapFields(result, { ownImage: hasOwnImage(spec) });
  checkBootstrapParts(result, ENVOY_PORTS.readiness);
  return result;
}

function hasOwnImage(spec: ProxySpec): boolean {
  const { envoyDeployment, envoyDaemonSet } = kubernetesOf(spec);
  const { image, imageRepository } = (envoyDaemonSet ?? envoyDeployment)?.container ?? {};
  return image === undefined && imageRepository === undefined;
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
  return named(at(bootstrap, ['static_resources', 'clusters']), 'xds_cluster');
}

function named(all: unknown, name: string): unknown {
  return Array.isArray(all) ? all.find(each => isJson(each) && each['name'] === name) : undefined;
}
