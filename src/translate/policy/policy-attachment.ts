import type { BackendTrafficPolicy } from '../../api/index.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { POOL_GROUP_V1, POOL_GROUP_V1ALPHA2 } from '../pool/pool-key.ts';
import type { PoolCatalog, PoolContext } from '../pool/translate-pool.ts';
import type { RouteContext } from '../route/attachment.ts';
import type { ParentIndex } from '../route/parent-index.ts';
import type { Context } from '../translation-context.ts';
import { GATEWAY_GROUP } from '../translation-context.ts';
import type { PolicyTarget } from './policy-targets.ts';

/** The level of what a policy governs, from the most to the least specific; a pool is beside them. */
export type PolicyLevel = 'rule' | 'route' | 'listener' | 'listener-set' | 'gateway' | 'pool';

/** One policy on one target. The sets grow while routes look for their policy. */
export interface Attachment {
  readonly policy: BackendTrafficPolicy;
  readonly target: PolicyTarget;
  readonly level: PolicyLevel;
  readonly subject: Subject;
  /** Scopes that a more specific policy takes away from this one, by the kind of scope. */
  readonly overriddenFor: {
    /** Of the Gateway itself. */
    readonly listeners: Set<string>;
    readonly sets: Set<string>;
    readonly setListeners: Set<string>;
    readonly routes: Set<string>;
    /** Rules of the route itself, each with the listeners on which it is served. */
    readonly rules: Map<string, Set<ListenerContext>>;
  };
  /** Routes whose own policy was merged into this one. */
  readonly mergedBy: Set<string>;
  /** Where this one was merged: listener → the other policy as `NAMESPACE/NAME`, and why the two cannot be applied. */
  readonly merges: Map<ListenerContext, { readonly into: string; readonly error: string | undefined }>;
  /** Why it cannot be applied by itself. */
  readonly errors: Set<string>;
  /** Some request is governed by it. */
  used: boolean;
}

/** What the target turned out to be. */
export type Subject =
  | { readonly kind: 'route'; readonly route: RouteContext; readonly key: string }
  | { readonly kind: 'gateway'; readonly gateway: GatewayContext; readonly key: string }
  | { readonly kind: 'listener-set'; readonly gateway: GatewayContext; readonly key: string }
  | { readonly kind: 'pool'; readonly pool: PoolContext; readonly key: string };

/** A policy that is on nothing. `silent`: a Gateway or route of somebody else's, about which nothing is said. */
export interface Detachment {
  readonly kind: 'not-found' | 'conflicted' | 'silent';
  readonly policy: BackendTrafficPolicy;
  readonly target: PolicyTarget;
  /** The field of the target's reference that is to blame. */
  readonly field: string;
  /** Known unless the target does not exist at all. */
  readonly subject?: Subject;
  readonly message: string;
  /** Of a conflict: the policy that has the target. */
  readonly by?: BackendTrafficPolicy;
}

export interface TargetIndex extends ParentIndex {
  readonly routes: ReadonlyMap<string, RouteContext>;
  readonly pools: PoolCatalog;
}

/** What a target turned out to be, or why it is nothing of ours. */
export type Located =
  | { readonly level: PolicyLevel; readonly subject: Subject }
  | Pick<Detachment, 'kind' | 'field' | 'subject' | 'message'>;

/** Finds what a policy targets; a Detachment where that is nothing of ours. */
export function attachPolicy(
  context: Context,
  policy: BackendTrafficPolicy,
  target: PolicyTarget,
  index: TargetIndex,
): Attachment | Detachment {
  const located = locate(context, target, index);
  if ('kind' in located) return { ...located, policy, target };
  return {
    policy,
    target,
    ...located,
    overriddenFor: {
      listeners: new Set(),
      sets: new Set(),
      setListeners: new Set(),
      routes: new Set(),
      rules: new Map(),
    },
    mergedBy: new Set(),
    merges: new Map(),
    errors: new Set(),
    used: false,
  };
}

/** Finds what a target of a policy of any kind is. */
export function locate(context: Context, target: PolicyTarget, index: TargetIndex): Located {
  const { group, kind, namespace, name, sectionName } = target;
  const detached = (message: string, field = 'name', subject?: Subject): Located => ({
    kind: 'not-found',
    message,
    field,
    ...(subject === undefined ? {} : { subject }),
  });
  const silent = { kind: 'silent', field: 'name' } as const;
  const attached = (level: PolicyLevel, subject: Subject): Located => ({ level, subject });

  const key = `${namespace}/${name}`;
  if (group === GATEWAY_GROUP && kind === 'HTTPRoute') {
    const route = index.routes.get(key);
    if (route === undefined) return detached(`HTTPRoute ${key} not found`);
    const subject: Subject = { kind: 'route', route, key: `route:${key}` };
    if (route.parents.length === 0)
      return { ...silent, message: `HTTPRoute ${key} is on no Gateway of ours` };
    if (sectionName === undefined) return attached('route', subject);
    const exists = route.route.spec.rules?.some(rule => rule.name === sectionName);
    if (!exists)
      return detached(`No section name ${sectionName} found for HTTPRoute ${key}`, 'sectionName', subject);
    return attached('rule', { ...subject, key: `rule:${key}/${sectionName}` });
  }
  if (group === GATEWAY_GROUP && (kind === 'Gateway' || kind === 'ListenerSet')) {
    const found = listenersOf(index, kind, key);
    if (found === undefined) {
      if (context.set.get(kind, namespace, name) === undefined) return detached(`${kind} ${key} not found`);
      const whose = kind === 'Gateway' ? 'not of a class' : 'on no Gateway';
      return { ...silent, message: `${kind} ${key} is ${whose} of ours` };
    }
    const { gateway, names, level } = found;
    const subject: Subject = { kind: level, gateway, key: scopeKey(kind, key) };
    if (sectionName === undefined) return attached(level, subject);
    if (!names.includes(sectionName))
      return detached(`No section name ${sectionName} found for ${kind} ${key}`, 'sectionName', subject);
    return attached('listener', { ...subject, key: scopeKey(kind, key, sectionName) });
  }
  if ((group === POOL_GROUP_V1 || group === POOL_GROUP_V1ALPHA2) && kind === 'InferencePool') {
    const pool = index.pools.get(group, namespace, name);
    if (pool === undefined) return detached(`InferencePool ${key} of group ${group} not found`);
    return attached('pool', { kind: 'pool', pool, key: `pool:${group}/${key}` });
  }
  return detached(
    `a policy cannot target ${group}/${kind}, only HTTPRoute, Gateway, ListenerSet and InferencePool`,
    'kind',
  );
}

/** Of a Gateway or ListenerSet, as `NAMESPACE/NAME`, or of one of its listeners. */
export function scopeKey(kind: string, key: string, listener?: string): string {
  return `${kind}:${key}${listener === undefined ? '' : `/${listener}`}`;
}

function listenersOf({ gateways, sets }: TargetIndex, kind: 'Gateway' | 'ListenerSet', key: string) {
  const set = sets.get(key);
  const gateway = kind === 'Gateway' ? gateways.get(key) : set?.gateway;
  if (gateway === undefined) return undefined;
  const owner = kind === 'Gateway' ? gateway.gateway : set!.set.listenerSet;
  const level = kind === 'Gateway' ? ('gateway' as const) : ('listener-set' as const);
  return { gateway, level, names: owner.spec.listeners.map(({ name }) => name) };
}

/** What is said of a second policy on one target, in Envoy Gateway's words. */
export function conflictMessage({ target, level, subject }: Attachment): string {
  const what = {
    rule: `RouteRule ${target.name}/${target.sectionName}`,
    route: `${target.kind} ${target.name}`,
    listener: `Listener ${target.namespace}/${target.name}/${target.sectionName}`,
    'listener-set': `ListenerSet ${target.name}`,
    gateway: `Gateway ${target.name}`,
    pool: `InferencePool ${subject.kind === 'pool' ? subject.pool.object.metadata.name : ''}`,
  }[level];
  return `Unable to target ${what}, another BackendTrafficPolicy has already attached to it`;
}
