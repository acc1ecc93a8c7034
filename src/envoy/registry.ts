import { createRegistry, type Registry } from '@bufbuild/protobuf';
import {
  file_google_protobuf_duration,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
} from '@bufbuild/protobuf/wkt';
import { file_envoy_admin_v3_config_dump } from './gen/envoy/admin/v3/config_dump_pb.ts';
import { file_envoy_admin_v3_config_dump_shared } from './gen/envoy/admin/v3/config_dump_shared_pb.ts';
import { file_envoy_config_bootstrap_v3_bootstrap } from './gen/envoy/config/bootstrap/v3/bootstrap_pb.ts';
import { file_envoy_config_cluster_v3_cluster } from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import { file_envoy_config_endpoint_v3_endpoint } from './gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { file_envoy_config_listener_v3_listener } from './gen/envoy/config/listener/v3/listener_pb.ts';
import { file_envoy_config_route_v3_route } from './gen/envoy/config/route/v3/route_pb.ts';
import { file_envoy_config_trace_v3_opentelemetry } from './gen/envoy/config/trace/v3/opentelemetry_pb.ts';
import { file_envoy_extensions_access_loggers_file_v3_file } from './gen/envoy/extensions/access_loggers/file/v3/file_pb.ts';
import { file_envoy_extensions_access_loggers_filters_cel_v3_cel } from './gen/envoy/extensions/access_loggers/filters/cel/v3/cel_pb.ts';
import { file_envoy_extensions_access_loggers_grpc_v3_als } from './gen/envoy/extensions/access_loggers/grpc/v3/als_pb.ts';
import { file_envoy_extensions_access_loggers_open_telemetry_v3_logs_service } from './gen/envoy/extensions/access_loggers/open_telemetry/v3/logs_service_pb.ts';
import { file_envoy_extensions_access_loggers_stream_v3_stream } from './gen/envoy/extensions/access_loggers/stream/v3/stream_pb.ts';
import { file_envoy_extensions_clusters_dns_v3_dns_cluster } from './gen/envoy/extensions/clusters/dns/v3/dns_cluster_pb.ts';
import { file_envoy_extensions_filters_common_fault_v3_fault } from './gen/envoy/extensions/filters/common/fault/v3/fault_pb.ts';
import { file_envoy_extensions_filters_http_buffer_v3_buffer } from './gen/envoy/extensions/filters/http/buffer/v3/buffer_pb.ts';
import { file_envoy_extensions_filters_http_cors_v3_cors } from './gen/envoy/extensions/filters/http/cors/v3/cors_pb.ts';
import { file_envoy_extensions_filters_http_ext_proc_v3_ext_proc } from './gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.ts';
import { file_envoy_extensions_filters_http_ext_proc_v3_processing_mode } from './gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts';
import { file_envoy_extensions_filters_http_fault_v3_fault } from './gen/envoy/extensions/filters/http/fault/v3/fault_pb.ts';
import { file_envoy_extensions_filters_http_header_mutation_v3_header_mutation } from './gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.ts';
import { file_envoy_extensions_filters_http_router_v3_router } from './gen/envoy/extensions/filters/http/router/v3/router_pb.ts';
import { file_envoy_extensions_filters_http_upstream_codec_v3_upstream_codec } from './gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.ts';
import { file_envoy_extensions_filters_listener_tls_inspector_v3_tls_inspector } from './gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.ts';
import { file_envoy_extensions_filters_network_http_connection_manager_v3_http_connection_manager } from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { file_envoy_extensions_formatter_req_without_query_v3_req_without_query } from './gen/envoy/extensions/formatter/req_without_query/v3/req_without_query_pb.ts';
import { file_envoy_extensions_http_early_header_mutation_header_mutation_v3_header_mutation } from './gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.ts';
import { file_envoy_extensions_http_original_ip_detection_xff_v3_xff } from './gen/envoy/extensions/http/original_ip_detection/xff/v3/xff_pb.ts';
import { file_envoy_extensions_load_balancing_policies_common_v3_common } from './gen/envoy/extensions/load_balancing_policies/common/v3/common_pb.ts';
import { file_envoy_extensions_load_balancing_policies_least_request_v3_least_request } from './gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts';
import { file_envoy_extensions_load_balancing_policies_override_host_v3_override_host } from './gen/envoy/extensions/load_balancing_policies/override_host/v3/override_host_pb.ts';
import { file_envoy_extensions_load_balancing_policies_random_v3_random } from './gen/envoy/extensions/load_balancing_policies/random/v3/random_pb.ts';
import { file_envoy_extensions_load_balancing_policies_round_robin_v3_round_robin } from './gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.ts';
import { file_envoy_extensions_request_id_uuid_v3_uuid } from './gen/envoy/extensions/request_id/uuid/v3/uuid_pb.ts';
import { file_envoy_extensions_resource_monitors_downstream_connections_v3_downstream_connections } from './gen/envoy/extensions/resource_monitors/downstream_connections/v3/downstream_connections_pb.ts';
import { file_envoy_extensions_resource_monitors_fixed_heap_v3_fixed_heap } from './gen/envoy/extensions/resource_monitors/fixed_heap/v3/fixed_heap_pb.ts';
import { file_envoy_extensions_retry_host_previous_hosts_v3_previous_hosts } from './gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.ts';
import { file_envoy_extensions_tracers_opentelemetry_resource_detectors_v3_static_config_resource_detector } from './gen/envoy/extensions/tracers/opentelemetry/resource_detectors/v3/static_config_resource_detector_pb.ts';
import { file_envoy_extensions_tracers_opentelemetry_samplers_v3_always_on_sampler } from './gen/envoy/extensions/tracers/opentelemetry/samplers/v3/always_on_sampler_pb.ts';
import { file_envoy_extensions_tracers_opentelemetry_samplers_v3_parent_based_sampler } from './gen/envoy/extensions/tracers/opentelemetry/samplers/v3/parent_based_sampler_pb.ts';
import { file_envoy_extensions_tracers_opentelemetry_samplers_v3_trace_id_ratio_based_sampler } from './gen/envoy/extensions/tracers/opentelemetry/samplers/v3/trace_id_ratio_based_sampler_pb.ts';
import { file_envoy_extensions_transport_sockets_raw_buffer_v3_raw_buffer } from './gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.ts';
import { file_envoy_extensions_transport_sockets_tls_v3_common } from './gen/envoy/extensions/transport_sockets/tls/v3/common_pb.ts';
import { file_envoy_extensions_transport_sockets_tls_v3_secret } from './gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import { file_envoy_extensions_transport_sockets_tls_v3_tls } from './gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';
import { file_envoy_extensions_upstreams_http_v3_http_protocol_options } from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';

let types: Registry | undefined;

/** Every message that Envoy packs into a google.protobuf.Any: resources, extensions, and what its admin answers. */
export function envoyTypes(): Registry {
  types ??= createRegistry(
    file_google_protobuf_duration,
    file_google_protobuf_struct,
    file_google_protobuf_wrappers,
    file_envoy_admin_v3_config_dump,
    file_envoy_admin_v3_config_dump_shared,
    file_envoy_config_bootstrap_v3_bootstrap,
    file_envoy_config_cluster_v3_cluster,
    file_envoy_config_endpoint_v3_endpoint,
    file_envoy_config_listener_v3_listener,
    file_envoy_config_route_v3_route,
    file_envoy_extensions_access_loggers_file_v3_file,
    file_envoy_extensions_access_loggers_grpc_v3_als,
    file_envoy_extensions_access_loggers_stream_v3_stream,
    file_envoy_extensions_access_loggers_open_telemetry_v3_logs_service,
    file_envoy_extensions_access_loggers_filters_cel_v3_cel,
    file_envoy_extensions_formatter_req_without_query_v3_req_without_query,
    file_envoy_config_trace_v3_opentelemetry,
    file_envoy_extensions_tracers_opentelemetry_resource_detectors_v3_static_config_resource_detector,
    file_envoy_extensions_request_id_uuid_v3_uuid,
    file_envoy_extensions_tracers_opentelemetry_samplers_v3_always_on_sampler,
    file_envoy_extensions_tracers_opentelemetry_samplers_v3_parent_based_sampler,
    file_envoy_extensions_tracers_opentelemetry_samplers_v3_trace_id_ratio_based_sampler,
    file_envoy_extensions_clusters_dns_v3_dns_cluster,
    file_envoy_extensions_filters_common_fault_v3_fault,
    file_envoy_extensions_filters_http_buffer_v3_buffer,
    file_envoy_extensions_filters_http_cors_v3_cors,
    file_envoy_extensions_filters_http_ext_proc_v3_ext_proc,
    file_envoy_extensions_filters_http_ext_proc_v3_processing_mode,
    file_envoy_extensions_filters_http_fault_v3_fault,
    file_envoy_extensions_filters_http_header_mutation_v3_header_mutation,
    file_envoy_extensions_filters_http_router_v3_router,
    file_envoy_extensions_filters_http_upstream_codec_v3_upstream_codec,
    file_envoy_extensions_filters_listener_tls_inspector_v3_tls_inspector,
    file_envoy_extensions_filters_network_http_connection_manager_v3_http_connection_manager,
    file_envoy_extensions_http_early_header_mutation_header_mutation_v3_header_mutation,
    file_envoy_extensions_http_original_ip_detection_xff_v3_xff,
    file_envoy_extensions_load_balancing_policies_common_v3_common,
    file_envoy_extensions_load_balancing_policies_least_request_v3_least_request,
    file_envoy_extensions_load_balancing_policies_override_host_v3_override_host,
    file_envoy_extensions_load_balancing_policies_random_v3_random,
    file_envoy_extensions_load_balancing_policies_round_robin_v3_round_robin,
    file_envoy_extensions_resource_monitors_downstream_connections_v3_downstream_connections,
    file_envoy_extensions_resource_monitors_fixed_heap_v3_fixed_heap,
    file_envoy_extensions_retry_host_previous_hosts_v3_previous_hosts,
    file_envoy_extensions_transport_sockets_raw_buffer_v3_raw_buffer,
    file_envoy_extensions_transport_sockets_tls_v3_common,
    file_envoy_extensions_transport_sockets_tls_v3_secret,
    file_envoy_extensions_transport_sockets_tls_v3_tls,
    file_envoy_extensions_upstreams_http_v3_http_protocol_options,
  );
  return types;
}
