import type { MessageInitShape } from '@bufbuild/protobuf';
import { CONNECT_RETRIES, type RetryPolicy, type RouteTimeouts } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import type { RetryPolicySchema } from '../../gen/envoy/config/route/v3/route_components_pb.ts';
import { PreviousHostsPredicateSchema } from '../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.ts';
import { duration } from '../message-parts.ts';

/** Draws of a host that was not tried yet, before one that was is taken again. Envoy Gateway has 5, with which one in a few is drawn twice. */
const OTHER_HOST_ATTEMPTS = 32n;

/** Nothing of the request was sent: whatever a policy asks for, it is tried elsewhere (envoy.config.route.v3.RetryPolicy, `retry_on`). */
const NOTHING_SENT = ['connect-failure', 'refused-stream', 'reset-before-request'] as const;

/** Without a policy. */
export function connectRetries(): MessageInitShape<typeof RetryPolicySchema> {
  return CONNECT_RETRY;
}

export function retryPolicy(
  retry: RetryPolicy,
  { backendRequestMs }: RouteTimeouts,
): MessageInitShape<typeof RetryPolicySchema> {
  // Envoy has no word for a time-out of a try: `reset` covers it.
  const on = new Set<string>(retry.on.map(word => (word === 'timeout' ? 'reset' : word)));
  for (const word of NOTHING_SENT) on.add(word);
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
    ...OTHER_HOSTS,
  };
}

const OTHER_HOSTS = {
  retryHostPredicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      configType: { case: 'typedConfig' as const, value: packAny(PreviousHostsPredicateSchema, {}) },
    },
  ],
  hostSelectionRetryMaxAttempts: OTHER_HOST_ATTEMPTS,
};

const CONNECT_RETRY: MessageInitShape<typeof RetryPolicySchema> = {
  retryOn: NOTHING_SENT.join(','),
  numRetries: CONNECT_RETRIES,
  // At once: nobody was asked for anything.
  retryBackOff: { baseInterval: duration(1), maxInterval: duration(1) },
  ...OTHER_HOSTS,
};
