import { durationMs } from '../../api/index.ts';
import type {
  ActiveHealthCheck,
  Fault,
  OutlierDetection,
  RetryPolicy,
  Thresholds,
} from '../../plan/index.ts';
import { DEFAULT_THRESHOLDS } from '../../plan/index.ts';
import { quantityBytes } from '../quantity.ts';
import type { PolicyPlace } from './policy-fields.ts';
import { retryOfPolicy } from './policy-retry.ts';
import type { PolicySpec } from './policy-spec.ts';
import { valueErrors } from './policy-values.ts';

/** What one BackendTrafficPolicy, or a merge of two, asks of the routes that it governs. Absent: the default. */
export interface TrafficFeatures {
  readonly thresholds?: Thresholds;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly maxConnectionDurationMs?: number;
  readonly requestTimeoutMs?: number;
  readonly streamIdleMs?: number;
  readonly maxStreamMs?: number;
  readonly retry?: RetryPolicy;
  readonly outlierDetection?: OutlierDetection;
  readonly activeHealthCheck?: ActiveHealthCheck;
  readonly panicThresholdPercent?: number;
  readonly fault?: Fault;
  readonly requestBufferLimitBytes?: number;
  /** Why the policy cannot be applied, in Envoy Gateway's words: its targets then answer 500. */
  readonly error?: string;
}

export function featuresOf(spec: PolicySpec, place: PolicyPlace = 'routes'): TrafficFeatures {
  const errors = valueErrors(spec, place).map(({ message }) => message);
  const duration = (text: string | undefined, field: string): number | undefined => {
    const ms = text === undefined ? undefined : durationMs(text);
    if (text !== undefined && ms === undefined) errors.push(`invalid ${field} value ${text}`);
    return ms;
  };

  const tcp = spec.timeout?.tcp;
  const http = spec.timeout?.http;
  const maxConnectionDurationMs = duration(http?.maxConnectionDuration, 'Timeout: MaxConnectionDuration');
  const retry = spec.retry === undefined ? undefined : retryOfPolicy(spec.retry, errors);
  const features = {
    thresholds: spec.circuitBreaker && thresholdsOf(spec.circuitBreaker),
    connectTimeoutMs: duration(tcp?.connectTimeout, 'Timeout: ConnectTimeout'),
    idleTimeoutMs: duration(http?.connectionIdleTimeout, 'Timeout: ConnectionIdleTimeout'),
    // 0 is Envoy's "no limit" (HttpProtocolOptions.max_connection_duration).
    maxConnectionDurationMs: maxConnectionDurationMs === 0 ? undefined : maxConnectionDurationMs,
    requestTimeoutMs: duration(http?.requestTimeout, 'Timeout: RequestTimeout'),
    streamIdleMs: duration(http?.streamIdleTimeout, 'Timeout: StreamIdleTimeout'),
    maxStreamMs: duration(http?.maxStreamDuration, 'Timeout: MaxStreamDuration'),
    retry,
    outlierDetection: spec.healthCheck?.passive && outlierDetectionOf(spec.healthCheck.passive),
    activeHealthCheck: spec.healthCheck?.active && activeHealthCheckOf(spec.healthCheck.active),
    panicThresholdPercent: spec.healthCheck?.panicThreshold,
    fault: spec.faultInjection && faultOf(spec.faultInjection),
    requestBufferLimitBytes: spec.requestBuffer && bufferLimitOf(spec, errors),
  };
  // What cannot be applied is not applied in part: its targets answer 500.
  return compact(errors.length === 0 ? features : { error: errors.join('\n') });
}

/** Leaves out what is undefined, so that equal features have equal keys. */
function compact<T extends object>(object: T): Compact<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Compact<T>;
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

function thresholdsOf(breaker: NonNullable<PolicySpec['circuitBreaker']>): Thresholds {
  const { perEndpoint, retryBudget } = breaker;
  return compact({
    // No connection to any endpoint is no connection at all: nothing would ever end a wait for one.
    maxConnections:
      perEndpoint?.maxConnections === 0 ? 0 : (breaker.maxConnections ?? DEFAULT_THRESHOLDS.maxConnections),
    maxPendingRequests: breaker.maxPendingRequests ?? DEFAULT_THRESHOLDS.maxPendingRequests,
    maxParallelRequests: breaker.maxParallelRequests ?? DEFAULT_THRESHOLDS.maxParallelRequests,
    maxParallelRetries: breaker.maxParallelRetries ?? DEFAULT_THRESHOLDS.maxParallelRetries,
    maxRequestsPerConnection: breaker.maxRequestsPerConnection ?? DEFAULT_THRESHOLDS.maxRequestsPerConnection,
    maxConnectionsPerEndpoint:
      perEndpoint && (perEndpoint.maxConnections ?? DEFAULT_THRESHOLDS.maxConnections),
    retryBudget: retryBudget && {
      percent: (100 * retryBudget.percent.numerator) / (retryBudget.percent.denominator ?? 100),
      // Envoy Gateway's default, and Envoy's (RetryBudget.min_retry_concurrency).
      minRetryConcurrency: retryBudget.minRetryConcurrency ?? 3,
    },
  });
}

type HealthCheck = NonNullable<PolicySpec['healthCheck']>;

function outlierDetectionOf(passive: NonNullable<HealthCheck['passive']>): OutlierDetection {
  return {
    intervalMs: durationMs(passive.interval ?? '3s') ?? 3000,
    baseEjectionTimeMs: durationMs(passive.baseEjectionTime ?? '30s') ?? 30_000,
    // Envoy Gateway passes on only what is over 0; Envoy's default is 10.
    maxEjectionPercent: passive.maxEjectionPercent || 10,
    consecutive5xx: passive.consecutive5XxErrors ?? 5,
    consecutiveGatewayErrors: passive.consecutiveGatewayErrors ?? 0,
    consecutiveLocalOriginFailures: passive.consecutiveLocalOriginFailures ?? 5,
    splitExternalLocalOriginErrors: passive.splitExternalLocalOriginErrors ?? false,
  };
}

function activeHealthCheckOf(active: NonNullable<HealthCheck['active']>): ActiveHealthCheck {
  const { http } = active;
  return compact({
    type: active.type,
    intervalMs: durationMs(active.interval ?? '3s') ?? 3000,
    timeoutMs: durationMs(active.timeout ?? '1s') ?? 1000,
    unhealthyThreshold: active.unhealthyThreshold ?? 3,
    healthyThreshold: active.healthyThreshold ?? 1,
    http:
      http &&
      compact({
        path: http.path,
        method: (http.method ?? 'GET').toUpperCase(),
        hostname: http.hostname,
        expectedStatuses: [...new Set(http.expectedStatuses?.length ? http.expectedStatuses : [200])].sort(
          (a, b) => a - b,
        ),
      }),
  });
}

function faultOf({ delay, abort }: NonNullable<PolicySpec['faultInjection']>): Fault {
  const fixedMs = delay && durationMs(delay.fixedDelay);
  return compact({
    delay: delay && fixedMs !== undefined ? { fixedMs, percentage: percentOf(delay.percentage) } : undefined,
    abort:
      abort?.httpStatus === undefined
        ? undefined
        : { status: abort.httpStatus, percentage: percentOf(abort.percentage) },
  });
}

/** The CRD has no bounds. */
function percentOf(percentage = 100): number {
  return Math.min(100, Math.max(0, percentage));
}

function bufferLimitOf(spec: PolicySpec, errors: string[]): number | undefined {
  if ((spec.httpUpgrade ?? []).length > 0) {
    errors.push('RequestBuffer: requestBuffer cannot be used together with httpUpgrade');
  }
  return quantityBytes(spec.requestBuffer?.limit ?? 0);
}
