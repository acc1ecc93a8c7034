import type { BackendTrafficPolicy } from '../../api/index.ts';
import { sentence } from '../condition.ts';
import { type FieldPath, fieldName, type ProblemCode } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import type { Attachment } from './policy-attachment.ts';
import { type PolicyIndex, placeOf } from './policy-index.ts';
import { reportLimits } from './policy-limits.ts';
import {
  type FieldWithoutEffect,
  fieldsWithoutEffect,
  fieldsWithoutEffectOnPool,
} from './policy-no-effect.ts';
import { valueErrors } from './policy-values.ts';

/** Says of every policy what keeps it from acting; to be called when all routes have looked for their policies. */
export function reportPolicies(context: Context, { attachments, detachments }: PolicyIndex): void {
  for (const { kind, policy, target, field, message, by } of detachments) {
    const path = [...target.path, field];
    if (kind === 'silent') {
      context.problems.warning('policy-without-effect', policy, path, message);
    } else {
      const code: ProblemCode = kind === 'conflicted' ? 'policy-conflict' : 'policy-target-not-found';
      const which = by === undefined ? '' : `: ${by.metadata.namespace}/${by.metadata.name}`;
      context.problems.error(code, policy, path, `${message}${which}`);
    }
  }
  for (const attachment of attachments) if (!attachment.used) reportUnused(context, attachment);
  for (const [policy, own] of Map.groupBy(attachments, attachment => attachment.policy)) {
    reportSpec(context, policy, own);
  }
}

/** Fields of a policy's spec that are no settings. */
const NO_SETTINGS = ['targetRef', 'targetRefs', 'targetSelectors', 'mergeType'];

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

function errorsOf({ errors, merges }: Attachment): string[] {
  return [...errors, ...[...merges.values()].flatMap(({ error }) => error ?? [])];
}

function reportUnused(
  { problems }: Context,
  { policy, target, level, subject, overriddenFor }: Attachment,
): void {
  const { listeners, sets, setListeners, routes, rules } = overriddenFor;
  const by = [
    ...[...rules.keys()].map(rule => `rule ${rule}`),
    ...[...routes].map(route => `HTTPRoute ${route}`),
    ...[...sets].map(set => `ListenerSet ${set}`),
    ...[...listeners, ...setListeners].map(listener => `listener ${listener}`),
  ];
  if (by.length > 0) {
    const scopes = by.sort().join(', ');
    const message = `the policy governs nothing: more specific policies override it for ${scopes}`;
    problems.error('policy-overridden', policy, target.path, message);
    return;
  }
  const what =
    subject.kind === 'pool'
      ? 'no route leads to'
      : level === 'gateway' || level === 'listener-set' || level === 'listener'
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
    problems.warning('field-without-effect', policy, path, `${fieldName(path)} has no effect: ${why}`);
  }
  for (const { path, message } of deprecatedFields(policy))
    problems.warning('deprecated-field', policy, path, message);
  const invalid = (path: FieldPath, error: string) =>
    problems.error('policy-invalid', policy, path, `${sentence(error)} Its targets are answered with 500`);
  const places = new Set(attachments.map(({ level }) => placeOf(level)));
  const values = [...places].flatMap(place => valueErrors(policy.spec, place));
  for (const { path, message } of values) invalid(path, message);
  const said = new Set(values.map(({ message }) => message));
  const lines = attachments.flatMap(each => errorsOf(each).flatMap(error => error.split('\n')));
  for (const line of new Set(lines)) if (!said.has(line)) invalid(['spec'], line);
  reportLimits(context, policy, policy.spec);
  reportIdle(context, policy, attachments);
}

/** Policies that are attached, and have nothing to say or nobody to say it to. */
function reportIdle(
  { problems }: Context,
  policy: BackendTrafficPolicy,
  attachments: readonly Attachment[],
): void {
  if (Object.keys(policy.spec).every(field => NO_SETTINGS.includes(field))) {
    const message = 'the policy sets nothing: there is no field in it but its targets';
    problems.warning('policy-without-effect', policy, ['spec'], message);
    return;
  }
  for (const { target, subject } of attachments) {
    if (subject.kind !== 'route' || policy.spec.faultInjection !== undefined) continue;
    const rules = (subject.route.route.spec.rules ?? []).filter(
      ({ name }) => target.sectionName === undefined || name === target.sectionName,
    );
    if (!rules.every(({ filters }) => filters?.some(({ type }) => type === 'RequestRedirect'))) continue;
    const message = `the policy governs nothing: ${target.kind} ${target.namespace}/${target.name} only redirects`;
    problems.warning('policy-without-effect', policy, [...target.path, 'name'], message);
  }
}
