import type { BackendTrafficPolicy, HTTPRoute } from '../../api/index.ts';
import type { LimitScope } from '../../plan/index.ts';
import { isOfSet } from '../listener/listener-owner.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { compareAge } from '../object-age.ts';
import type { PoolContext } from '../pool/translate-pool.ts';
import { objectRef } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import {
  type Attachment,
  attachPolicy,
  conflictMessage,
  type Detachment,
  type PolicyLevel,
  scopeKey,
  type TargetIndex,
} from './policy-attachment.ts';
import { featuresOf, type TrafficFeatures } from './policy-features.ts';
import type { PolicyPlace } from './policy-fields.ts';
import { mergeSpecs } from './policy-merge.ts';
import { selectable, targetsOf } from './policy-targets.ts';

/** The policy that governs one rule of one route on one listener. */
export interface EffectivePolicy {
  /** Equal keys mean equal features. */
  readonly key: string;
  readonly policy: BackendTrafficPolicy;
  readonly features: TrafficFeatures;
}

/** Which policy is on what; the oldest has it, and the most specific one counts. */
export class PolicyIndex {
  readonly attachments: readonly Attachment[];
  readonly detachments: readonly Detachment[];
  readonly #byKey: ReadonlyMap<string, Attachment>;
  readonly #features = new Map<string, EffectivePolicy>();

  constructor(context: Context, index: TargetIndex) {
    const byKey = new Map<string, Attachment>();
    const detachments: Detachment[] = [];
    const objects = selectable(context);
    for (const policy of [...context.set.list('BackendTrafficPolicy')].sort(compareAge)) {
      for (const target of targetsOf(context, policy, objects)) {
        const found = attachPolicy(context, policy, target, index);
        if ('kind' in found) {
          detachments.push(found);
          continue;
        }
        const { subject } = found;
        const by = byKey.get(subject.key)?.policy;
        if (by !== undefined) {
          const message = conflictMessage(found);
          detachments.push({ kind: 'conflicted', policy, target, field: 'name', subject, message, by });
        } else {
          byKey.set(subject.key, found);
        }
      }
    }
    this.#byKey = byKey;
    this.attachments = [...byKey.values()];
    this.detachments = detachments;
    for (const attachment of this.attachments) {
      const { policy, errors, level } = attachment;
      const { error } = featuresOf(policy.spec, placeOf(level));
      if (error !== undefined && policy.spec.mergeType === undefined) errors.add(error);
      noteOverride(byKey, attachment);
    }
  }

  /** Looks the policy up from the most to the least specific, and notes on the others that they were overridden. */
  lookup(
    route: HTTPRoute,
    ruleName: string | undefined,
    listener: ListenerContext,
  ): EffectivePolicy | undefined {
    const routeKey = `${route.metadata.namespace}/${route.metadata.name}`;
    const { gateway, owner, spec } = listener;
    const ownerKey = `${owner.metadata.namespace}/${owner.metadata.name}`;
    const ofRule = ruleName === undefined ? undefined : this.#byKey.get(`rule:${routeKey}/${ruleName}`);
    const ofRoute = this.#byKey.get(`route:${routeKey}`);
    const ofListener = this.#byKey.get(scopeKey(owner.kind, ownerKey, spec.name));
    const ofSet = isOfSet(listener) ? this.#byKey.get(scopeKey(owner.kind, ownerKey)) : undefined;
    const ofGateway = this.#byKey.get(
      scopeKey('Gateway', `${gateway.metadata.namespace}/${gateway.metadata.name}`),
    );

    if (ofRule !== undefined && ofRoute !== undefined) noteRule(ofRoute, ruleName!, listener);
    const own = ofRule ?? ofRoute;
    const parent = ofListener ?? ofSet ?? ofGateway;
    if (own === undefined) return parent && this.#effective(parent);
    // A policy is merged with the closest one of the listener, its ListenerSet or its Gateway, never with one of the route.
    const merges = own.policy.spec.mergeType !== undefined && parent !== undefined;
    for (const other of [ofListener, ofSet, ofGateway]) {
      if (other === undefined) continue;
      if (merges && other === parent) other.mergedBy.add(routeKey);
      else other.overriddenFor.routes.add(routeKey);
    }
    return this.#effective(own, merges ? { parent, listener } : undefined);
  }

  /** The limit over all routes to a pool, if a policy sets one. */
  poolLimit(pool: PoolContext): LimitScope | undefined {
    const attachment = this.#ofPool(pool);
    if (attachment === undefined) return undefined;
    const { thresholds } = this.#effective(attachment).features;
    if (thresholds === undefined) return undefined;
    return { name: `inferencepool/${pool.plan.name}`, thresholds, policy: objectRef(attachment.policy) };
  }

  /** Why requests to a pool are answered with 500: a policy on it cannot be applied. Undefined: they are not. */
  poolRefusal(pool: PoolContext): string | undefined {
    const attachment = this.#ofPool(pool);
    const error = attachment && this.#effective(attachment).features.error;
    return error === undefined ? undefined : cannotBeApplied(attachment!.policy, error);
  }

  #ofPool({ group, object }: PoolContext): Attachment | undefined {
    const { namespace, name } = object.metadata;
    return this.#byKey.get(`pool:${group}/${namespace}/${name}`);
  }

  #effective(
    own: Attachment,
    merge?: { readonly parent: Attachment; readonly listener: ListenerContext },
  ): EffectivePolicy {
    const parent = merge?.parent;
    own.used = true;
    const { policy } = own;
    const ownKey = `${policy.metadata.namespace}/${policy.metadata.name}`;
    const place = placeOf(own.level);
    let key = place === 'pool' ? `pool ${ownKey}` : ownKey;
    if (parent !== undefined) {
      parent.used = true;
      key = `${ownKey} ${parent.policy.metadata.namespace}/${parent.policy.metadata.name}`;
    }
    let effective = this.#features.get(key);
    if (effective === undefined) {
      const spec = parent === undefined ? policy.spec : mergeSpecs(parent.policy.spec, policy.spec);
      effective = { key, policy, features: featuresOf(spec, place) };
      this.#features.set(key, effective);
    }
    const { error } = effective.features;
    if (merge !== undefined) own.merges.set(merge.listener, { into: key.slice(ownKey.length + 1), error });
    else if (error !== undefined) own.errors.add(error);
    return effective;
  }
}

export function placeOf(level: PolicyLevel): PolicyPlace {
  return level === 'pool' ? 'pool' : 'routes';
}

/** Notes on the policy of a route that a rule of it has one of its own. */
function noteRule({ overriddenFor }: Attachment, ruleName: string, listener: ListenerContext): void {
  const listeners = overriddenFor.rules.get(ruleName);
  if (listeners === undefined) overriddenFor.rules.set(ruleName, new Set([listener]));
  else listeners.add(listener);
}

/** Notes on the policies of what is around a listener or ListenerSet that it has one of its own. */
function noteOverride(byKey: ReadonlyMap<string, Attachment>, { level, target, subject }: Attachment): void {
  const scope = `${target.namespace}/${target.name}`;
  const listener = `${scope}/${target.sectionName}`;
  if (subject.kind === 'gateway' && level === 'listener')
    byKey.get(scopeKey('Gateway', scope))?.overriddenFor.listeners.add(listener);
  if (subject.kind !== 'listener-set') return;
  const { namespace, name } = subject.gateway.gateway.metadata;
  const ofGateway = byKey.get(scopeKey('Gateway', `${namespace}/${name}`))?.overriddenFor;
  if (level === 'listener-set') {
    ofGateway?.sets.add(scope);
    return;
  }
  ofGateway?.setListeners.add(listener);
  byKey.get(scopeKey('ListenerSet', scope))?.overriddenFor.setListeners.add(listener);
}

/** Why requests that a policy governs are answered with 500; undefined: they are not. */
export function policyFailure(effective: EffectivePolicy | undefined): string | undefined {
  const error = effective?.features.error;
  return error === undefined ? undefined : cannotBeApplied(effective!.policy, error);
}

function cannotBeApplied(policy: BackendTrafficPolicy, error: string): string {
  const { namespace, name } = objectRef(policy);
  return `BackendTrafficPolicy ${namespace}/${name} cannot be applied: ${error}`;
}
