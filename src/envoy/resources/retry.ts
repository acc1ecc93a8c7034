import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RetryPolicy, RouteTimeouts } from '../../plan/index.ts';
import { packAny } from '../any.ts';
import type { RetryPolicySchema } from '../gen/envoy/config/route/v3/route_components_pb.ts';
import { PreviousHostsPredicateSchema } from '../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.ts';
import { duration } from './common.ts';

/** Draws of a host that was not tried yet, before one that was is taken again. Envoy Gateway's. */
const OTHER_HOST_ATTEMPTS = 5n;

export function retryPolicy(
  retry: RetryPolicy,
  { backendRequestMs }: RouteTimeouts,
): MessageInitShape<typeof RetryPolicySchema> {
  // Envoy has no word for a time-out of a try: `reset` covers it.
  const on = new Set<string>(retry.on.map(word => (word === 'timeout' ? 'reset' : word)));
  if (retry.statusCodes.length > 0) on.add('retriable-status-codes');
  const perTryMs = backendRequestMs ?? retry.perTryTimeoutMs ?? 0;
  return {
    retryOn: [...on].join(','),
    numRetries: retry.attempts,
    retriableStatusCodes: [...retry.statusCodes],
    ...(perTryMs > 0 && { perTryTimeout: duration(perTryMs) }),
    retryBackOff: {
      baseInterval: duration(retry.backoffBaseMs),
      maxInterval: duration(Math.max(retry.backoffMaxMs, retry.backoffBaseMs)),
    },
    retryHostPredicate: [
      {
        name: 'envoy.retry_host_predicates.previous_hosts',
        configType: { case: 'typedConfig', value: packAny(PreviousHostsPredicateSchema, {}) },
      },
    ],
    hostSelectionRetryMaxAttempts: OTHER_HOST_ATTEMPTS,
  };
}
