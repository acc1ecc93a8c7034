import { type BackendTrafficPolicy, durationMs, type HTTPRoute } from '../../api/index.ts';
import type { RetryPolicy } from '../../plan/index.ts';

/** Envoy Gateway's defaults, for what a retry leaves out (internal/xds/translator/route.go). */
const DEFAULT_ATTEMPTS = 2;
const DEFAULT_STATUS_CODES: readonly number[] = [503];
const DEFAULT_ON: RetryPolicy['on'] = ['connect-failure', 'refused-stream'];
/** Envoy's (RetryPolicy.retry_back_off): base 25 ms, maximum ten times the base. */
const DEFAULT_BACKOFF_BASE_MS = 25;
const BACKOFF_MAX_FACTOR = 10;
/** Envoy counts a try that timed out as a reset, which these conditions cover (RetryStateImpl::wouldRetryFromReset). */
const COVER_TIMEOUT: ReadonlySet<string> = new Set(['5xx', 'gateway-error', 'reset']);

const TRIGGERS: ReadonlySet<string> = new Set([
  'connect-failure',
  'reset',
  'reset-before-request',
  'refused-stream',
  'retriable-4xx',
  '5xx',
  'gateway-error',
] satisfies RetryPolicy['on'][number][]);

/** Triggers about grpc-status, which is in trailers that a plane for HTTP/1.1 does not look at. */
export const GRPC_TRIGGERS: ReadonlySet<string> = new Set([
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

type RouteRule = NonNullable<HTTPRoute['spec']['rules']>[number];

/** HTTPRoute `rules[].retry`. It replaces a policy's retry as a whole (Envoy Gateway, ir.HTTPRoute.GetRetry). */
export function retryOfRule(
  retry: NonNullable<RouteRule['retry']>,
  backendRequest: string | undefined,
): RetryPolicy {
  const base = (retry.backoff && durationMs(retry.backoff)) || DEFAULT_BACKOFF_BASE_MS;
  const perTryTimeoutMs = backendRequest === undefined ? undefined : durationMs(backendRequest);
  return {
    attempts: retry.attempts ?? DEFAULT_ATTEMPTS,
    statusCodes: retry.codes?.length ? ascending(retry.codes) : DEFAULT_STATUS_CODES,
    // "to be retried … after timing out or receiving a response code configured to be retriable" (HTTPRouteRetry.backoff)
    on: perTryTimeoutMs ? [...DEFAULT_ON, 'timeout'] : DEFAULT_ON,
    backoffBaseMs: base,
    backoffMaxMs: base * BACKOFF_MAX_FACTOR,
    ...(perTryTimeoutMs ? { perTryTimeoutMs } : {}),
  };
}

/** BackendTrafficPolicy `retry`. What cannot be used is said in `errors`, in Envoy Gateway's words. */
export function retryOfPolicy(
  retry: NonNullable<BackendTrafficPolicy['spec']['retry']>,
  errors: string[],
): RetryPolicy {
  const backOff = retry.perRetry?.backOff;
  const base = backOff?.baseInterval === undefined ? undefined : durationMs(backOff.baseInterval);
  const max = backOff?.maxInterval === undefined ? undefined : durationMs(backOff.maxInterval);
  if (base === 0) errors.push('Retry: baseInterval cannot be set to 0s');
  else if (max === 0) errors.push('Retry: maxInterval cannot be set to 0s');
  else if (base !== undefined && max !== undefined && base > max) {
    errors.push('Retry: maxInterval cannot be less than baseInterval');
  }
  const attempts = retry.numRetries ?? DEFAULT_ATTEMPTS;
  const triggers = retry.retryOn?.triggers ?? [];
  const named = triggers.filter(trigger => TRIGGERS.has(trigger)) as RetryPolicy['on'][number][];
  const codes =
    retry.retryOn === undefined ? DEFAULT_STATUS_CODES : ascending(retry.retryOn.httpStatusCodes ?? []);
  const baseMs = base ?? DEFAULT_BACKOFF_BASE_MS;
  const perTryTimeoutMs =
    retry.perRetry?.timeout === undefined ? undefined : durationMs(retry.perRetry.timeout);
  return {
    attempts,
    statusCodes: codesCount(triggers) ? codes : [],
    on: triggers.length === 0 ? DEFAULT_ON : withTimeout(named),
    backoffBaseMs: baseMs,
    backoffMaxMs: max ?? baseMs * BACKOFF_MAX_FACTOR,
    ...(perTryTimeoutMs ? { perTryTimeoutMs } : {}),
  };
}

/** Status codes are looked at only with the trigger for them; it is among the default triggers. */
export function codesCount(triggers: readonly string[]): boolean {
  return triggers.length === 0 || triggers.includes('retriable-status-codes');
}

function withTimeout(named: RetryPolicy['on'][number][]): RetryPolicy['on'] {
  const on = [...new Set(named)].sort();
  return on.some(trigger => COVER_TIMEOUT.has(trigger)) ? [...on, 'timeout'] : on;
}

function ascending(codes: readonly number[]): number[] {
  return [...new Set(codes)].sort((a, b) => a - b);
}
