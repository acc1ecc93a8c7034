import type { RetryPolicy } from '../../plan/index.ts';
import type { FailureKind } from './sending-failure.ts';

/** Whether Envoy would try again after this status (envoy.config.route.v3.RetryPolicy, `retry_on`). */
export function retriesStatus(policy: RetryPolicy, status: number): boolean {
  if (policy.statusCodes.includes(status)) return true;
  for (const on of policy.on) {
    if (on === '5xx' && status >= 500) return true;
    if (on === 'gateway-error' && status >= 502 && status <= 504) return true;
    if (on === 'retriable-4xx' && status === 409) return true;
  }
  return false;
}

/** @param sentAny whether a byte of the request was written */
export function retriesFailure(policy: RetryPolicy, kind: FailureKind, sentAny: boolean): boolean {
  for (const on of policy.on) {
    if (on === '5xx' || on === 'gateway-error') return true;
    if (on === 'connect-failure' && (kind === 'connect-failure' || kind === 'connect-timeout')) return true;
    if (on === 'reset') return true;
    if (on === 'reset-before-request' && !sentAny) return true;
    if (on === 'timeout' && kind === 'timeout') return true;
  }
  return false;
}

/** Fully jittered exponential back-off, as Envoy's: 0..base × 2^n, at most the maximum. Milliseconds. */
export function backoffMs(policy: RetryPolicy, retry: number, random: number): number {
  return Math.floor(random * Math.min(policy.backoffMaxMs, policy.backoffBaseMs * 2 ** retry));
}
