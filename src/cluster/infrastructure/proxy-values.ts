import { ExpressionError, expressionOf } from '../../kernel/index.ts';
import { checkArguments } from '../envoy-config/index.ts';
import { kubernetesOf, type ProxySpec } from './proxy-spec.ts';

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

const LEVELS: ReadonlySet<string> = new Set('trace debug info warning warn error critical off'.split(' '));

/**
 * What the CRD of an EnvoyProxy takes and an Envoy does not start with: its Pods would end at each start, so that nothing of the
 * Gateway is served.
 * @throws Error with the field
 */
export function checkProxyValues(spec: ProxySpec): void {
  const { concurrency, logging, telemetry } = spec;
  if (concurrency !== undefined) checkConcurrency('concurrency', concurrency);
  for (const name of Object.keys(logging?.level ?? {}))
    if (name !== 'default') checkComponent('logging.level', name);
  checkExtraArgs(spec);
  for (const [index, { type, value }] of (telemetry?.metrics?.matches ?? []).entries()) {
    const field = `telemetry.metrics.matches[${index}]`;
    if (!value.isWellFormed())
      throw new Error(`${field}: this is no Unicode: ${JSON.stringify(value.slice(0, 100))}`);
    if (type === 'RegularExpression') checkExpression(field, value);
  }
}

function checkExtraArgs(spec: ProxySpec): void {
  const { concurrency, logging, extraArgs } = spec;
  if (extraArgs === undefined) return;
  const hasComponents = Object.keys(logging?.level ?? {}).some(name => name !== 'default');
  const { envoyDeployment, envoyDaemonSet } = kubernetesOf(spec);
  const { volumeMounts = [] } = (envoyDaemonSet ?? envoyDeployment)?.container ?? {};
  checkArguments(extraArgs, {
    taken: [
      ...(concurrency === undefined ? [] : ['--concurrency']),
      ...(hasComponents ? ['--component-log-level'] : []),
    ],
    writable: ['/tmp', '/dev', ...volumeMounts.map(({ mountPath }) => String(mountPath))],
    checkConcurrency: value => checkConcurrency('extraArgs: --concurrency', value),
    checkComponent: (name, level) => {
      checkComponent('extraArgs: --component-log-level', name);
      if (!LEVELS.has(level))
        throw new Error(
          `extraArgs: --component-log-level: expected one of ${[...LEVELS].join(', ')} for ${name}, got ${JSON.stringify(level.slice(0, 100))}`,
        );
    },
  });
}

function checkConcurrency(field: string, value: number): void {
  if (value < 0 || value > MAX_CONCURRENCY)
    throw new Error(`${field} must be from 0 to ${MAX_CONCURRENCY}, got ${value}`);
}

function checkComponent(field: string, name: string): void {
  if (!COMPONENTS.has(name))
    throw new Error(`${field}: Envoy has no component ${JSON.stringify(name.slice(0, 100))}`);
}

function checkExpression(field: string, text: string): void {
  try {
    expressionOf(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new Error(`${field}: regex ${JSON.stringify(text.slice(0, 100))} is invalid: ${error.message}`);
  }
}
