import { ExpressionError, expressionOf } from '../../kernel/index.ts';
import type { ProxySpec } from './proxy-spec.ts';

/** Each costs Envoy a thread, a copy of its configuration, and a set of sockets. */
const MAX_CONCURRENCY = 1024;

/** What Envoy 1.40 can be given a log level for: with any other name it does not start. */
const COMPONENTS: ReadonlySet<string> = new Set(
  `a2a admin ai_protocol_manager alternate_protocols_cache assert aws backtrace basic_auth cache_filter client compression config
  conn_handler connection credential_injector decompression dns dubbo dynamic_modules envoy_bug ext_authz ext_proc file filter
  forward_proxy geolocation golang grpc happy_eyeballs hc health_checker http http2 hystrix init io ip_tagging json_rpc jwt kafka
  key_value_store local_rate_limit lua main matcher mcp misc mongo multi_connection notification oauth2 pool quic quic_stream
  rate_limit_quota rbac rds redis rocketmq router runtime secret sse stats stats_sinks tap testing thrift tracing udp upstream wasm
  websocket`.split(/\s+/),
);

/**
 * What the CRD of an EnvoyProxy takes and an Envoy does not start with: its Pods would end at each start, so that nothing of the
 * Gateway is served.
 * @throws Error with the field
 */
export function checkProxyValues({ concurrency, logging, telemetry }: ProxySpec): void {
  if (concurrency !== undefined && (concurrency < 0 || concurrency > MAX_CONCURRENCY))
    throw new Error(`concurrency must be from 0 to ${MAX_CONCURRENCY}, got ${concurrency}`);
  for (const name of Object.keys(logging?.level ?? {}))
    if (name !== 'default' && !COMPONENTS.has(name))
      throw new Error(`logging.level: Envoy has no component ${JSON.stringify(name.slice(0, 100))}`);
  for (const [index, { type, value }] of (telemetry?.metrics?.matches ?? []).entries()) {
    const field = `telemetry.metrics.matches[${index}]`;
    if (!value.isWellFormed())
      throw new Error(`${field}: this is no Unicode: ${JSON.stringify(value.slice(0, 100))}`);
    if (type === 'RegularExpression') checkExpression(field, value);
  }
}

function checkExpression(field: string, text: string): void {
  try {
    expressionOf(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new Error(`${field}: regex ${JSON.stringify(text.slice(0, 100))} is invalid: ${error.message}`);
  }
}
