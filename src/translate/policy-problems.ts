import type { BackendTrafficPolicy } from '../api/index.ts';
import { sentence } from './condition.ts';
import type { Context } from './context.ts';
import type { Attachment } from './policy-attachment.ts';
import type { PolicySpec } from './policy-features.ts';
import type { PolicyIndex } from './policy-index.ts';
import {
  type FieldWithoutEffect,
  fieldsWithoutEffect,
  fieldsWithoutEffectOnPool,
} from './policy-no-effect.ts';
import { type FieldPath, fieldName, type ProblemCode } from './problem.ts';

/** Says of every policy what keeps it from acting; to be called when all routes have looked for their policies. */
export function reportPolicies(context: Context, { attachments, detachments }: PolicyIndex): void {
  for (const { kind, policy, target, message } of detachments) {
    if (kind === 'silent') {
      context.problems.warning('policy-without-effect', policy, target.path, message);
    } else {
      const code: ProblemCode = kind === 'conflicted' ? 'policy-conflict' : 'policy-target-not-found';
      context.problems.error(code, policy, target.path, message);
    }
  }
  for (const attachment of attachments) if (!attachment.used) reportUnused(context, attachment);
  for (const [policy, own] of Map.groupBy(attachments, attachment => attachment.policy)) {
    reportSpec(context, policy, own);
  }
}

/** Deprecated fields of the policy, in Envoy Gateway's words. */
export function deprecatedFields({ spec }: BackendTrafficPolicy): { path: FieldPath; message: string }[] {
  const found: { path: FieldPath; message: string }[] = [];
  if (spec.compression !== undefined) {
    const message = 'spec.compression is deprecated, use spec.compressor instead';
    found.push({ path: ['spec', 'compression'], message });
  }
  if (spec.targetRef !== undefined) {
    const message = 'spec.targetRef is deprecated, use spec.targetRefs instead';
    found.push({ path: ['spec', 'targetRef'], message });
  }
  return found;
}

export function withoutEffect({ policy, level }: Attachment): FieldWithoutEffect[] {
  return level === 'pool' ? fieldsWithoutEffectOnPool(policy.spec) : fieldsWithoutEffect(policy.spec);
}

function reportUnused(
  { problems }: Context,
  { policy, target, level, subject, overriddenFor }: Attachment,
): void {
  const { listeners, routes, rules } = overriddenFor;
  const by = [...[...rules].map(rule => `rule ${rule}`), ...[...routes].map(route => `HTTPRoute ${route}`)];
  if (by.length > 0 || listeners.size > 0) {
    const scopes = [...by, ...[...listeners].map(listener => `listener ${listener}`)].sort().join(', ');
    const message = `the policy governs nothing: more specific policies override it for ${scopes}`;
    problems.error('policy-overridden', policy, target.path, message);
    return;
  }
  const what =
    subject.kind === 'pool'
      ? 'no route leads to'
      : level === 'gateway' || level === 'listener'
        ? 'no route is attached to'
        : 'no listener serves';
  const name = `${target.kind} ${target.namespace}/${target.name}`;
  problems.warning(
    'policy-without-effect',
    policy,
    target.path,
    `the policy governs nothing: ${what} ${name}`,
  );
}

function reportSpec(
  context: Context,
  policy: BackendTrafficPolicy,
  attachments: readonly Attachment[],
): void {
  const { problems } = context;
  const onRoutes = attachments.find(({ level }) => level !== 'pool');
  for (const { path, why } of withoutEffect(onRoutes ?? attachments[0]!)) {
    problems.error('field-without-effect', policy, path, `${fieldName(path)} has no effect: ${why}`);
  }
  for (const { path, message } of deprecatedFields(policy))
    problems.warning('deprecated-field', policy, path, message);
  for (const error of new Set(attachments.flatMap(({ errors }) => [...errors]))) {
    problems.error('policy-invalid', policy, ['spec'], `${sentence(error)} Its routes are answered with 500`);
  }
  reportLimits(context, policy, policy.spec);
}

/** What each limit means when it is 0 (measured with Envoy; the connection limit as Breakwater holds it: exactly). */
const REFUSES = {
  maxConnections: 'no connection to a backend may be opened',
  maxPendingRequests: 'no request may wait for a connection, so none gets through without an idle connection',
  maxParallelRequests: 'no request may be in flight',
} as const;

function reportLimits({ problems }: Context, policy: BackendTrafficPolicy, spec: PolicySpec): void {
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
  if (breaker.maxParallelRetries === 0 && breaker.retryBudget === undefined && spec.retry !== undefined) {
    const field = ['spec', 'circuitBreaker', 'maxParallelRetries'];
    const message = `${fieldName(field)} is 0: spec.retry never retries`;
    problems.warning('limit-refuses-everything', policy, field, message);
  }
}
