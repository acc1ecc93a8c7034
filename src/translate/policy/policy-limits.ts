import type { BackendTrafficPolicy, KubeObject } from '../../api/index.ts';
import { type FieldPath, fieldName, type Problems } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import type { EffectivePolicy } from './policy-index.ts';
import type { PolicySpec } from './policy-spec.ts';

/** What each limit means when it is 0 (measured with Envoy; the connection limit as Breakwater holds it: exactly). */
const REFUSES = {
  maxConnections: 'no connection to a backend may be opened',
  maxPendingRequests: 'no request may wait for a connection, so none gets through without an idle connection',
  maxParallelRequests: 'no request may be in flight',
} as const;

/** Limits of one policy that let nothing through. */
export function reportLimits({ problems }: Context, policy: BackendTrafficPolicy, spec: PolicySpec): void {
  const breaker = spec.circuitBreaker;
  if (breaker === undefined) return;
  const report = (path: FieldPath, why: string) => {
    const field = ['spec', 'circuitBreaker', ...path];
    problems.error('limit-refuses-everything', policy, field, `${fieldName(field)} is 0: ${why}`);
  };
  for (const [field, why] of Object.entries(REFUSES)) {
    if (breaker[field as keyof typeof REFUSES] === 0) report([field], why);
  }
  if (breaker.perEndpoint?.maxConnections === 0)
    report(['perEndpoint', 'maxConnections'], REFUSES.maxConnections);
  if (spec.retry !== undefined && breaker.maxParallelRetries === 0 && breaker.retryBudget === undefined)
    noRetries(problems, policy, 'spec.retry never retries');
}

/** A route's own retry, under a policy that allows none. */
export function reportNoRetries(
  { problems }: Context,
  { route, index }: { readonly route: KubeObject; readonly index: number },
  effective: EffectivePolicy | undefined,
): void {
  const thresholds = effective?.features.thresholds;
  if (effective === undefined || thresholds?.maxParallelRetries !== 0 || thresholds.retryBudget !== undefined)
    return;
  const name = `${route.metadata.namespace}/${route.metadata.name}`;
  noRetries(problems, effective.policy, `the retry of HTTPRoute ${name}, rule ${index}, never happens`);
}

function noRetries(problems: Problems, policy: BackendTrafficPolicy, consequence: string): void {
  const field = ['spec', 'circuitBreaker', 'maxParallelRetries'];
  const message = `${fieldName(field)} is 0: ${consequence}`;
  problems.warning('limit-refuses-everything', policy, field, message);
}
