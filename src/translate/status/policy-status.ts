import type { BackendTrafficPolicy, KubeObject } from '../../api/index.ts';
import { Conditions, sentence } from '../condition.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { ListenerOwner } from '../listener/listener-owner.ts';
import type { Attachment, Detachment, Subject } from '../policy/policy-attachment.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { deprecatedFields, withoutEffect } from '../policy/policy-problems.ts';
import type { PolicyTarget } from '../policy/policy-targets.ts';
import { fieldName } from '../problem.ts';
import type { ParentContext } from '../route/attachment.ts';
import { GATEWAY_GROUP } from '../translation-context.ts';
import { leftOutOf, withLeftOut } from './left-out-status.ts';
import { acceptedOnceTaken, type PlaneView } from './plane-view.ts';
import type { PoolParents } from './pool-status.ts';
import { type StatusEntry, statusEntry } from './status-entry.ts';

/** PolicyStatus.ancestors: at most 16. */
const MAX_ANCESTORS = 16;

interface Ancestor {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName?: string;
}

export interface AncestorStatus {
  readonly ref: Ancestor;
  readonly controllerName: string;
  readonly conditions: Conditions;
}

/** One status for each policy that is about something of ours; ancestors are the Gateways and ListenerSets that it acts on. */
export function policyStatuses(
  { attachments, detachments }: PolicyIndex,
  pools: PoolParents,
  controllerName: string,
  view: PlaneView,
): StatusEntry[] {
  const byPolicy = new Map<BackendTrafficPolicy, Map<string, AncestorStatus>>();
  const each = (
    policy: BackendTrafficPolicy,
    target: PolicyTarget,
    subject: Subject | undefined,
    set: (conditions: Conditions, parent: ParentContext | undefined) => void,
  ) => {
    const ancestors = byPolicy.get(policy) ?? new Map<string, AncestorStatus>();
    byPolicy.set(policy, ancestors);
    for (const [ref, gateway, parent] of ancestorsOf(target, subject, pools)) {
      const key = JSON.stringify(ref);
      const known = ancestors.get(key) ?? {
        ref,
        controllerName: gateway?.controllerName ?? controllerName,
        conditions: new Conditions(policy.metadata.generation ?? 0),
      };
      ancestors.set(key, known);
      set(known.conditions, parent);
    }
  };

  // What fails first, so that one target that is all right does not hide it.
  for (const detachment of detachments) {
    if (detachment.kind === 'silent') continue;
    each(detachment.policy, detachment.target, detachment.subject, conditions =>
      setDetached(conditions, detachment),
    );
  }
  for (const attachment of attachments) {
    each(attachment.policy, attachment.target, attachment.subject, (conditions, parent) =>
      setAttached(conditions, attachment, parent),
    );
  }
  return [...byPolicy].map(([policy, ancestors]) => policyStatus(policy, [...ancestors.values()], view));
}

/** gateway.networking.k8s.io/v1 PolicyStatus */
export function policyStatus(policy: KubeObject, ancestors: AncestorStatus[], view: PlaneView): StatusEntry {
  return statusEntry(policy, {
    ancestors: truncate(ancestors).map(ancestor => entry(policy, ancestor, view)),
  });
}

function entry(
  policy: KubeObject,
  { ref, controllerName, conditions }: AncestorStatus,
  view: PlaneView,
): object {
  const list = withLeftOut(acceptedOnceTaken(conditions, view), leftOutOf(policy, view), 'Invalid');
  return { ancestorRef: ref, controllerName, conditions: list };
}

function setDetached(conditions: Conditions, { kind, message }: Detachment): void {
  conditions.setIfAbsent(
    'Accepted',
    'False',
    kind === 'conflicted' ? 'Conflicted' : 'TargetNotFound',
    message,
  );
}

/** @param parent of the route that the policy is on: what is true of one parent of it need not be of another */
function setAttached(
  conditions: Conditions,
  attachment: Attachment,
  parent: ParentContext | undefined,
): void {
  const { level, mergedBy, overriddenFor } = attachment;
  const merges = (parent?.listeners ?? []).flatMap(listener => attachment.merges.get(listener) ?? []);
  const mergedInto = new Set(merges.map(({ into }) => into));
  const errors = new Set([...attachment.errors, ...merges.flatMap(({ error }) => error ?? [])]);
  if (errors.size > 0)
    conditions.set('Accepted', 'False', 'Invalid', sentence([...errors].sort().join('\n')));
  conditions.setIfAbsent('Accepted', 'True', 'Accepted', 'Policy has been accepted.');
  if (mergedInto.size > 0) {
    conditions.set('Merged', 'True', 'Merged', `Merged with policy ${[...mergedInto].sort().join(', ')}`);
  }
  if (mergedBy.size > 0) {
    const message = `This policy is being merged by other backendTrafficPolicies for these routes: ${list(mergedBy)}`;
    conditions.set('Merged', 'True', 'Merged', message);
  }
  const overridden = overriddenMessage(level, overriddenFor, parent);
  if (overridden !== undefined) conditions.set('Overridden', 'True', 'Overridden', overridden);
  setWarning(conditions, attachment);
}

/** Envoy Gateway's words (getOverriddenTargetsMessageForRoute, formatPolicyScopes). */
function overriddenMessage(
  level: Attachment['level'],
  overridden: Attachment['overriddenFor'],
  parent: ParentContext | undefined,
): string | undefined {
  const rules = [...overridden.rules].flatMap(([rule, served]) =>
    parent?.listeners.some(listener => served.has(listener)) ? rule : [],
  );
  if (level === 'route' && rules.length > 0) {
    return `This policy is being overridden by other backendTrafficPolicy for these route rules: ${list(new Set(rules))}`;
  }
  const parts: string[] = [];
  if (overridden.listeners.size > 0) parts.push(`these gateway listeners: ${list(overridden.listeners)}`);
  if (overridden.sets.size > 0) parts.push(`these listenersets: ${list(overridden.sets)}`);
  if (overridden.setListeners.size > 0)
    parts.push(`these listenerset listeners: ${list(overridden.setListeners)}`);
  if (overridden.routes.size > 0) parts.push(`these routes: ${list(overridden.routes)}`);
  return parts.length === 0
    ? undefined
    : `This policy is being overridden by other backendTrafficPolicies for ${parts.join(' and ')}`;
}

/** A field that changes nothing is said by name (reason FieldWithoutEffect is ours, the others are Envoy Gateway's). */
function setWarning(conditions: Conditions, attachment: Attachment): void {
  const fields = withoutEffect(attachment).map(({ path, why }) => `${fieldName(path)} (${why})`);
  const deprecated = deprecatedFields(attachment.policy).map(({ message }) => message);
  const reason =
    fields.length === 0 ? 'DeprecatedField' : deprecated.length === 0 ? 'FieldWithoutEffect' : 'Warnings';
  const messages = [
    ...(fields.length === 0 ? [] : [`Fields without effect: ${fields.join(', ')}`]),
    ...deprecated,
  ];
  if (messages.length > 0) conditions.set('Warning', 'True', reason, messages.join('; '));
}

export function ancestorsOf(
  target: PolicyTarget,
  subject: Subject | undefined,
  pools: PoolParents,
): [Ancestor, GatewayContext | undefined, ParentContext?][] {
  const section = target.sectionName === undefined ? {} : { sectionName: target.sectionName };
  const { group, kind, namespace, name } = target;
  const itself: [Ancestor, undefined] = [{ group, kind, namespace, name, ...section }, undefined];
  switch (subject?.kind) {
    case 'route':
      return subject.route.parents.map(parent => {
        const { gateway, set, ref } = parent;
        const ofParent = ref.sectionName === undefined ? {} : { sectionName: ref.sectionName };
        const owner = set === undefined ? gateway.gateway : set.listenerSet;
        return [{ ...ancestorRef(owner), ...ofParent }, gateway, parent];
      });
    // The ListenerSet itself, not its Gateway (Envoy Gateway, getAncestorRefForListenerSetPolicy).
    case 'listener-set':
      return [[{ group, kind, namespace, name, ...section }, subject.gateway]];
    case 'gateway':
      return [[{ ...ancestorRef(subject.gateway.gateway), ...section }, subject.gateway]];
    case 'pool': {
      const gateways = [...(pools.get(subject.pool)?.keys() ?? [])];
      return gateways.length === 0
        ? [itself]
        : gateways.map(gateway => [ancestorRef(gateway.gateway), gateway]);
    }
    case undefined:
      return [itself];
  }
}

function ancestorRef({ kind, metadata }: ListenerOwner): Ancestor {
  const { namespace = '', name } = metadata;
  return { group: GATEWAY_GROUP, kind, namespace, name };
}

/** Keeps the ancestors that there is most to say of (Envoy Gateway, TruncatePolicyAncestors). */
function truncate(ancestors: AncestorStatus[]): AncestorStatus[] {
  if (ancestors.length <= MAX_ANCESTORS) return ancestors;
  const rank = ({ conditions }: AncestorStatus) =>
    conditions.is('Accepted', 'False') ? 0 : conditions.is('Overridden', 'True') ? 1 : 2;
  const kept = ancestors.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_ANCESTORS);
  const message = 'Ancestors have been truncated because the number of policy ancestors exceeds 16.';
  kept.at(-1)!.conditions.set('Aggregated', 'True', 'Aggregated', message);
  return kept;
}

/** As Go prints a list of strings. */
function list(names: ReadonlySet<string>): string {
  return `[${[...names].sort().join(' ')}]`;
}
