/** The messages that a `google.protobuf.Any` of Envoy 1.40 may hold; test/envoy/bootstrap-schema.test.ts writes them from a real one. */
export const EXTENSION_TYPES = `
envoy.config.bootstrap.v3.ListenerManager envoy.config.bootstrap.v3.ValidationListenerManager
envoy.config.core.v3.HealthCheck.GrpcHealthCheck envoy.config.core.v3.HealthCheck.HttpHealthCheck
envoy.config.core.v3.HealthCheck.TcpHealthCheck envoy.config.core.v3.SubstitutionFormatString
envoy.config.metrics.v3.DogStatsdSink envoy.config.metrics.v3.HystrixSink envoy.config.metrics.v3.MetricsServiceConfig
envoy.config.metrics.v3.StatsdSink envoy.config.trace.v3.DatadogConfig envoy.config.trace.v3.OpenTelemetryConfig
envoy.config.trace.v3.SkyWalkingConfig envoy.config.trace.v3.XRayConfig envoy.config.trace.v3.ZipkinConfig
envoy.config.upstream.local_address_selector.v3.DefaultLocalAddressSelector
envoy.extensions.access_loggers.dynamic_modules.v3.DynamicModuleAccessLog
envoy.extensions.access_loggers.file.v3.FileAccessLog envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter
envoy.extensions.access_loggers.filters.process_ratelimit.v3.ProcessRateLimitFilter
envoy.extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig
envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig
envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig
envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig
envoy.extensions.access_loggers.stats.v3.Config envoy.extensions.access_loggers.stream.v3.StderrAccessLog
envoy.extensions.access_loggers.stream.v3.StdoutAccessLog envoy.extensions.access_loggers.wasm.v3.WasmAccessLog
envoy.extensions.bootstrap.dynamic_modules.v3.DynamicModuleBootstrapExtension
envoy.extensions.bootstrap.internal_listener.v3.InternalListener
envoy.extensions.bootstrap.reverse_tunnel.downstream_socket_interface.v3.DownstreamReverseConnectionSocketInterface
envoy.extensions.bootstrap.reverse_tunnel.upstream_socket_interface.v3.UpstreamReverseConnectionSocketInterface
envoy.extensions.clusters.aggregate.v3.ClusterConfig envoy.extensions.clusters.composite.v3.ClusterConfig
envoy.extensions.clusters.dns.v3.DnsCluster envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig
envoy.extensions.clusters.dynamic_modules.v3.ClusterConfig envoy.extensions.clusters.mcp_multicluster.v3.ClusterConfig
envoy.extensions.clusters.original_dst.v3.OriginalDstCluster envoy.extensions.clusters.redis.v3.RedisClusterConfig
envoy.extensions.clusters.reverse_connection.v3.ReverseConnectionClusterConfig
envoy.extensions.common.matching.v3.ExtensionWithMatcher envoy.extensions.common.matching.v3.ExtensionWithMatcherPerRoute
envoy.extensions.compression.brotli.compressor.v3.Brotli envoy.extensions.compression.brotli.decompressor.v3.Brotli
envoy.extensions.compression.gzip.compressor.v3.Gzip envoy.extensions.compression.gzip.decompressor.v3.Gzip
envoy.extensions.compression.zstd.compressor.v3.Zstd envoy.extensions.compression.zstd.decompressor.v3.Zstd
envoy.extensions.config.validators.dynamic_modules.v3.DynamicModuleConfigValidator
envoy.extensions.config.validators.minimum_clusters.v3.MinimumClustersValidator
envoy.extensions.content_parsers.json.v3.JsonContentParser envoy.extensions.early_data.v3.DefaultEarlyDataPolicy
envoy.extensions.filters.http.a2a.v3.A2a envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency
envoy.extensions.filters.http.admission_control.v3.AdmissionControl
envoy.extensions.filters.http.ai_protocol_manager.v3.AiProtocolManager
envoy.extensions.filters.http.ai_protocol_manager.v3.AiProtocolManagerPerRoute
envoy.extensions.filters.http.alternate_protocols_cache.v3.FilterConfig
envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuthPerRoute
envoy.extensions.filters.http.aws_eventstream_parser.v3.AwsEventstreamParser
envoy.extensions.filters.http.aws_lambda.v3.Config envoy.extensions.filters.http.aws_lambda.v3.PerRouteConfig
envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigning
envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigningPerRoute
envoy.extensions.filters.http.bandwidth_limit.v3.BandwidthLimit
envoy.extensions.filters.http.bandwidth_share.v3.BandwidthShare envoy.extensions.filters.http.basic_auth.v3.BasicAuth
envoy.extensions.filters.http.basic_auth.v3.BasicAuthPerRoute
envoy.extensions.filters.http.body_size_limit.v3.BodySizeLimit envoy.extensions.filters.http.buffer.v3.Buffer
envoy.extensions.filters.http.buffer.v3.BufferPerRoute envoy.extensions.filters.http.cache.v3.CacheConfig
envoy.extensions.filters.http.cache_v2.v3.CacheV2Config envoy.extensions.filters.http.cdn_loop.v3.CdnLoopConfig
envoy.extensions.filters.http.composite.v3.Composite envoy.extensions.filters.http.composite.v3.CompositePerRoute
envoy.extensions.filters.http.compressor.v3.Compressor envoy.extensions.filters.http.compressor.v3.CompressorPerRoute
envoy.extensions.filters.http.connect_grpc_bridge.v3.FilterConfig envoy.extensions.filters.http.cors.v3.Cors
envoy.extensions.filters.http.cors.v3.CorsPolicy envoy.extensions.filters.http.credential_injector.v3.CredentialInjector
envoy.extensions.filters.http.csrf.v3.CsrfPolicy envoy.extensions.filters.http.custom_response.v3.CustomResponse
envoy.extensions.filters.http.decompressor.v3.Decompressor
envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig
envoy.extensions.filters.http.dynamic_forward_proxy.v3.PerRouteConfig
envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter
envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilterPerRoute
envoy.extensions.filters.http.ext_authz.v3.ExtAuthz envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
envoy.extensions.filters.http.fault.v3.HTTPFault envoy.extensions.filters.http.file_server.v3.FileServerConfig
envoy.extensions.filters.http.file_system_buffer.v3.FileSystemBufferFilterConfig
envoy.extensions.filters.http.filter_chain.v3.FilterChainConfig
envoy.extensions.filters.http.filter_chain.v3.FilterChainConfigPerRoute
envoy.extensions.filters.http.gcp_authn.v3.GcpAuthnFilterConfig envoy.extensions.filters.http.geoip.v3.Geoip
envoy.extensions.filters.http.grpc_field_extraction.v3.GrpcFieldExtractionConfig
envoy.extensions.filters.http.grpc_http1_bridge.v3.Config
envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3.FilterConfig
envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3.FilterConfigPerRoute
envoy.extensions.filters.http.grpc_json_reverse_transcoder.v3.GrpcJsonReverseTranscoder
envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder
envoy.extensions.filters.http.grpc_stats.v3.FilterConfig envoy.extensions.filters.http.grpc_web.v3.GrpcWeb
envoy.extensions.filters.http.header_mutation.v3.HeaderMutation
envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute
envoy.extensions.filters.http.header_to_metadata.v3.Config envoy.extensions.filters.http.health_check.v3.HealthCheck
envoy.extensions.filters.http.ip_tagging.v3.IPTagging envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata
envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig
envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit envoy.extensions.filters.http.lua.v3.Lua
envoy.extensions.filters.http.lua.v3.LuaPerRoute envoy.extensions.filters.http.mcp.v3.Mcp
envoy.extensions.filters.http.mcp.v3.McpOverride envoy.extensions.filters.http.mcp_json_rest_bridge.v3.McpJsonRestBridge
envoy.extensions.filters.http.mcp_json_rest_bridge.v3.McpJsonRestBridgePerRoute
envoy.extensions.filters.http.mcp_router.v3.McpRouter envoy.extensions.filters.http.oauth2.v3.OAuth2
envoy.extensions.filters.http.oauth2.v3.OAuth2PerRoute envoy.extensions.filters.http.on_demand.v3.OnDemand
envoy.extensions.filters.http.on_demand.v3.PerRouteConfig envoy.extensions.filters.http.original_src.v3.OriginalSrc
envoy.extensions.filters.http.proto_api_scrubber.v3.ProtoApiScrubberConfig
envoy.extensions.filters.http.proto_message_extraction.v3.ProtoMessageExtractionConfig
envoy.extensions.filters.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig
envoy.extensions.filters.http.rate_limit_quota.v3.RateLimitQuotaOverride
envoy.extensions.filters.http.ratelimit.v3.RateLimit envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute
envoy.extensions.filters.http.rbac.v3.RBAC envoy.extensions.filters.http.rbac.v3.RBACPerRoute
envoy.extensions.filters.http.router.v3.Router envoy.extensions.filters.http.set_filter_state.v3.Config
envoy.extensions.filters.http.set_metadata.v3.Config envoy.extensions.filters.http.sse_to_metadata.v3.SseToMetadata
envoy.extensions.filters.http.stateful_session.v3.StatefulSession
envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute envoy.extensions.filters.http.tap.v3.Tap
envoy.extensions.filters.http.thrift_to_metadata.v3.ThriftToMetadata
envoy.extensions.filters.http.transform.v3.TransformConfig envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec
envoy.extensions.filters.http.wasm.v3.Wasm
envoy.extensions.filters.listener.dynamic_modules.v3.DynamicModuleListenerFilter
envoy.extensions.filters.listener.http_inspector.v3.HttpInspector
envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit
envoy.extensions.filters.listener.original_dst.v3.OriginalDst
envoy.extensions.filters.listener.original_src.v3.OriginalSrc
envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
envoy.extensions.filters.listener.set_filter_state.v3.Config
envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit
envoy.extensions.filters.network.direct_response.v3.Config envoy.extensions.filters.network.dubbo_proxy.router.v3.Router
envoy.extensions.filters.network.dubbo_proxy.v3.DubboProxy
envoy.extensions.filters.network.dynamic_modules.v3.DynamicModuleNetworkFilter
envoy.extensions.filters.network.echo.v3.Echo envoy.extensions.filters.network.ext_authz.v3.ExtAuthz
envoy.extensions.filters.network.ext_proc.v3.NetworkExternalProcessor
envoy.extensions.filters.network.generic_proxy.codecs.dubbo.v3.DubboCodecConfig
envoy.extensions.filters.network.generic_proxy.codecs.http1.v3.Http1CodecConfig
envoy.extensions.filters.network.generic_proxy.matcher.v3.HostMatchInput
envoy.extensions.filters.network.generic_proxy.matcher.v3.MethodMatchInput
envoy.extensions.filters.network.generic_proxy.matcher.v3.PathMatchInput
envoy.extensions.filters.network.generic_proxy.matcher.v3.PropertyMatchInput
envoy.extensions.filters.network.generic_proxy.matcher.v3.RequestMatchInput
envoy.extensions.filters.network.generic_proxy.matcher.v3.RequestMatcher
envoy.extensions.filters.network.generic_proxy.matcher.v3.ServiceMatchInput
envoy.extensions.filters.network.generic_proxy.router.v3.Router
envoy.extensions.filters.network.generic_proxy.v3.GenericProxy envoy.extensions.filters.network.geoip.v3.Geoip
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertConfig
envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit
envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy envoy.extensions.filters.network.ratelimit.v3.RateLimit
envoy.extensions.filters.network.rbac.v3.RBAC envoy.extensions.filters.network.redis_proxy.v3.RedisProxy
envoy.extensions.filters.network.reverse_tunnel.v3.DrainAwareHttpConnectionManager
envoy.extensions.filters.network.reverse_tunnel.v3.ReverseTunnel
envoy.extensions.filters.network.set_filter_state.v3.Config envoy.extensions.filters.network.sni_cluster.v3.SniCluster
envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig
envoy.extensions.filters.network.tcp_bandwidth_limit.v3.TcpBandwidthLimit
envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
envoy.extensions.filters.network.thrift_proxy.filters.header_to_metadata.v3.HeaderToMetadata
envoy.extensions.filters.network.thrift_proxy.filters.payload_to_metadata.v3.PayloadToMetadata
envoy.extensions.filters.network.thrift_proxy.filters.ratelimit.v3.RateLimit
envoy.extensions.filters.network.thrift_proxy.router.v3.Router
envoy.extensions.filters.network.thrift_proxy.v3.ThriftProxy envoy.extensions.filters.network.wasm.v3.Wasm
envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy
envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfig
envoy.extensions.filters.udp.dynamic_modules.v3.DynamicModuleUdpListenerFilter
envoy.extensions.filters.udp.udp_proxy.session.dynamic_forward_proxy.v3.FilterConfig
envoy.extensions.filters.udp.udp_proxy.session.ext_authz.v3.FilterConfig
envoy.extensions.filters.udp.udp_proxy.session.http_capsule.v3.FilterConfig
envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig envoy.extensions.formatter.cel.v3.Cel
envoy.extensions.formatter.dynamic_modules.v3.DynamicModuleFormatter
envoy.extensions.formatter.file_content.v3.FileContent envoy.extensions.formatter.generic_secret.v3.GenericSecret
envoy.extensions.formatter.metadata.v3.Metadata envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery
envoy.extensions.geoip_providers.maxmind.v3.MaxMindConfig
envoy.extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink
envoy.extensions.health_checkers.dynamic_modules.v3.DynamicModuleHealthCheck
envoy.extensions.health_checkers.redis.v3.Redis envoy.extensions.health_checkers.thrift.v3.Thrift
envoy.extensions.health_checkers.udp.v3.UdpHealthCheck envoy.extensions.http.ai_filters.request_info.v3.RequestInfo
envoy.extensions.http.ai_filters.schema_validation.v3.SchemaValidation
envoy.extensions.http.ai_filters.transcoder.v3.Transcoder
envoy.extensions.http.cache.file_system_http_cache.v3.FileSystemHttpCacheConfig
envoy.extensions.http.cache.simple_http_cache.v3.SimpleHttpCacheConfig
envoy.extensions.http.cache_v2.file_system_http_cache.v3.FileSystemHttpCacheV2Config
envoy.extensions.http.cache_v2.simple_http_cache.v3.SimpleHttpCacheV2Config
envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy
envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy
envoy.extensions.http.early_header_mutation.dynamic_modules.v3.DynamicModuleEarlyHeaderMutation
envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
envoy.extensions.http.ext_proc.processing_request_modifiers.mapped_attribute_builder.v3.MappedAttributeBuilder
envoy.extensions.http.ext_proc.response_processors.save_processing_response.v3.SaveProcessingResponse
envoy.extensions.http.header_formatters.dynamic_modules.v3.DynamicModuleHeaderFormatter
envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig
envoy.extensions.http.header_validators.envoy_default.v3.HeaderValidatorConfig
envoy.extensions.http.injected_credentials.generic.v3.Generic envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2
envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig
envoy.extensions.http.original_ip_detection.xff.v3.XffConfig
envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState
envoy.extensions.http.stateful_session.envelope.v3.EnvelopeSessionState
envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState
envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig
envoy.extensions.internal_redirect.filter_state.v3.FilterStateConfig
envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig
envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig
envoy.extensions.key_value.file_based.v3.FileBasedKeyValueStoreConfig
envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin
envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided
envoy.extensions.load_balancing_policies.dynamic_modules.v3.DynamicModulesLoadBalancerConfig
envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest
envoy.extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality
envoy.extensions.load_balancing_policies.maglev.v3.Maglev
envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost
envoy.extensions.load_balancing_policies.random.v3.Random envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash
envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin
envoy.extensions.load_balancing_policies.subset.v3.Subset
envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality
envoy.extensions.local_address_selectors.filter_state_override.v3.Config
envoy.extensions.matching.common_inputs.environment_variable.v3.Config
envoy.extensions.matching.common_inputs.network.v3.ApplicationProtocolInput
envoy.extensions.matching.common_inputs.network.v3.DestinationIPInput
envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput
envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput
envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput
envoy.extensions.matching.common_inputs.network.v3.FilterStateInput
envoy.extensions.matching.common_inputs.network.v3.NetworkNamespaceInput
envoy.extensions.matching.common_inputs.network.v3.ServerNameInput
envoy.extensions.matching.common_inputs.network.v3.SourceIPInput
envoy.extensions.matching.common_inputs.network.v3.SourcePortInput
envoy.extensions.matching.common_inputs.network.v3.SourceTypeInput
envoy.extensions.matching.common_inputs.network.v3.TransportProtocolInput
envoy.extensions.matching.common_inputs.ssl.v3.DnsSanInput envoy.extensions.matching.common_inputs.ssl.v3.SubjectInput
envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput
envoy.extensions.matching.common_inputs.stats.v3.StatFullNameMatchInput
envoy.extensions.matching.common_inputs.stats.v3.StatTagValueInput
envoy.extensions.matching.common_inputs.transport_socket.v3.EndpointMetadataInput
envoy.extensions.matching.common_inputs.transport_socket.v3.FilterStateInput
envoy.extensions.matching.common_inputs.transport_socket.v3.LocalityMetadataInput
envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction
envoy.extensions.matching.http.dynamic_modules.v3.DynamicModuleDataInput
envoy.extensions.matching.http.dynamic_modules.v3.HttpDynamicModuleMatchInput
envoy.extensions.matching.input_matchers.consistent_hashing.v3.ConsistentHashing
envoy.extensions.matching.input_matchers.dynamic_modules.v3.DynamicModuleMatcher
envoy.extensions.matching.input_matchers.ip.v3.Ip envoy.extensions.matching.input_matchers.metadata.v3.Metadata
envoy.extensions.matching.input_matchers.runtime_fraction.v3.RuntimeFraction
envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig
envoy.extensions.network.dns_resolver.hickory.v3.HickoryDnsResolverConfig
envoy.extensions.network.socket_interface.sockmap.v3.Sockmap
envoy.extensions.network.socket_interface.v3.DefaultSocketInterface
envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig
envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig
envoy.extensions.queue_policy.fifo.v3.FifoQueuePolicyConfig
envoy.extensions.quic.client_writer_factory.v3.DefaultClientWriter
envoy.extensions.quic.connection_debug_visitor.quic_stats.v3.Config
envoy.extensions.quic.connection_debug_visitor.v3.BasicConfig
envoy.extensions.quic.connection_id_generator.quic_lb.v3.Config
envoy.extensions.quic.connection_id_generator.v3.DeterministicConnectionIdGeneratorConfig
envoy.extensions.quic.crypto_stream.v3.CryptoServerStreamConfig envoy.extensions.quic.proof_source.v3.ProofSourceConfig
envoy.extensions.quic.server_preferred_address.v3.DataSourceServerPreferredAddressConfig
envoy.extensions.quic.server_preferred_address.v3.FixedServerPreferredAddressConfig
envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor
envoy.extensions.rate_limit_descriptors.jwt_claim.v3.Descriptor
envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher
envoy.extensions.rbac.principals.mtls_authenticated.v3.Config envoy.extensions.regex_engines.v3.GoogleRE2
envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig
envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig
envoy.extensions.resource_monitors.cpu_utilization.v3.CpuUtilizationConfig
envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig
envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate
envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig
envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate
envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig
envoy.extensions.router.cluster_specifiers.dynamic_modules.v3.DynamicModuleClusterSpecifier
envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig
envoy.extensions.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier
envoy.extensions.router.cluster_specifiers.priority_group.v3.PriorityGroupClusterSpecifier
envoy.extensions.router.route_specifiers.dynamic_modules.v3.DynamicModuleRouteSpecifier
envoy.extensions.stat_sinks.dynamic_modules.v3.DynamicModuleStatsSink
envoy.extensions.stat_sinks.graphite_statsd.v3.GraphiteStatsdSink
envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig envoy.extensions.stat_sinks.wasm.v3.Wasm
envoy.extensions.string_matcher.lua.v3.Lua envoy.extensions.tracers.dynamic_modules.v3.DynamicModuleTracer
envoy.extensions.tracers.fluentd.v3.FluentdConfig
envoy.extensions.tracers.opentelemetry.resource_detectors.v3.DynatraceResourceDetectorConfig
envoy.extensions.tracers.opentelemetry.resource_detectors.v3.EnvironmentResourceDetectorConfig
envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig
envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig
envoy.extensions.tracers.opentelemetry.samplers.v3.CELSamplerConfig
envoy.extensions.tracers.opentelemetry.samplers.v3.DynatraceSamplerConfig
envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig
envoy.extensions.tracers.opentelemetry.samplers.v3.TraceIdRatioBasedSamplerConfig
envoy.extensions.transport_sockets.alts.v3.Alts
envoy.extensions.transport_sockets.dynamic_modules.v3.DynamicModuleTransportSocket
envoy.extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport
envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport
envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport
envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport
envoy.extensions.transport_sockets.quic.v3.QuicUpstreamTransport
envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer envoy.extensions.transport_sockets.starttls.v3.StartTlsConfig
envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig envoy.extensions.transport_sockets.tap.v3.Tap
envoy.extensions.transport_sockets.tcp_stats.v3.Config
envoy.extensions.transport_sockets.tls.cert_mappers.filter_state_override.v3.Config
envoy.extensions.transport_sockets.tls.cert_mappers.sni.v3.SNI
envoy.extensions.transport_sockets.tls.cert_mappers.static_name.v3.StaticName
envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config
envoy.extensions.transport_sockets.tls.handshakers.dynamic_modules.v3.DynamicModuleTlsHandshaker
envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
envoy.extensions.udp_packet_writer.v3.UdpDefaultWriterFactory
envoy.extensions.udp_packet_writer.v3.UdpGsoBatchWriterFactory
envoy.extensions.upstreams.http.reverse_tunnel.v3.ReverseTunnelUpstreamCodecOptions
envoy.extensions.upstreams.http.v3.HttpProtocolOptions
envoy.extensions.upstreams.tcp.generic.v3.GenericConnectionPoolProto envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions
envoy.extensions.wasm.v3.WasmService envoy.extensions.watchdog.backtrace_action.v3.BacktraceActionConfig
envoy.extensions.watchdog.profile_action.v3.ProfileActionConfig envoy.type.matcher.v3.HttpRequestHeaderMatchInput
envoy.type.matcher.v3.HttpRequestQueryParamMatchInput envoy.type.matcher.v3.HttpRequestTrailerMatchInput
envoy.type.matcher.v3.HttpResponseHeaderMatchInput envoy.type.matcher.v3.HttpResponseLocalReplyMatchInput
envoy.type.matcher.v3.HttpResponseStatusCodeClassMatchInput envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput
envoy.type.matcher.v3.HttpResponseTrailerMatchInput envoy.watchdog.v3.AbortActionConfig google.protobuf.Empty
xds.type.matcher.v3.CelMatcher xds.type.matcher.v3.HttpAttributesCelMatchInput xds.type.matcher.v3.IPMatcher
xds.type.matcher.v3.ServerNameMatcher
`;
