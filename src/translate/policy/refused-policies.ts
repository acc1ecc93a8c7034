import { type HTTPRoute, UNSERVED_POLICIES, type UnservedPolicy } from '../../api/index.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { compareAge } from '../object-age.ts';
import { objectRef } from '../problem.ts';
import { type Context, ENVOY_GATEWAY_GROUP, GATEWAY_GROUP } from '../translation-context.ts';
import { locate, type PolicyLevel, type Subject, scopeKey, type TargetIndex } from './policy-attachment.ts';
import { type PolicyTarget, selectable, targetsOf } from './policy-targets.ts';

/** A policy that cannot be honoured. */
export interface RefusedPolicy {
  readonly policy: UnservedPolicy;
  /** What is said of it, after its name. */
  readonly message: string;
  /** It may restrict: what it is about is answered with 500. */
  readonly closes: boolean;
  /** What of it is ours. */
  readonly attachments: readonly {
    readonly target: PolicyTarget;
    readonly level: PolicyLevel;
    readonly subject: Subject;
  }[];
}

/**
 * Policies of kinds that are not served, and policies that cannot be read: what restricts and cannot be honoured must not be
 * passed over, so that requests to what they are about are answered with 500, as Envoy Gateway does where a policy cannot be
 * applied. All levels count: a more specific policy does not lift a refused one, since it cannot be told what they have in
 * common.
 */
export class RefusedPolicies {
  readonly list: readonly RefusedPolicy[];
  readonly #byKey = new Map<string, RefusedPolicy>();

  constructor(context: Context, index: TargetIndex) {
    const objects = selectable(context);
    this.list = UNSERVED_POLICIES.flatMap(kind => [...context.set.list(kind)])
      .sort(compareAge)
      .map(policy => this.#refuse(context, policy, targetsOf(context, policy, objects), index));
  }

  /** The policy for which requests to a rule of a route on a listener must be answered with 500; undefined: there is none. */
  closing(
    route: HTTPRoute,
    ruleName: string | undefined,
    { gateway, owner, spec }: ListenerContext,
  ): RefusedPolicy | undefined {
    const byKey = this.#byKey;
    if (byKey.size === 0) return undefined;
    const routeKey = `${route.metadata.namespace}/${route.metadata.name}`;
    const ownerKey = `${owner.metadata.namespace}/${owner.metadata.name}`;
    const { namespace, name } = gateway.metadata;
    return (
      (ruleName === undefined ? undefined : byKey.get(`rule:${routeKey}/${ruleName}`)) ??
      byKey.get(`route:${routeKey}`) ??
      byKey.get(scopeKey(owner.kind, ownerKey, spec.name)) ??
      byKey.get(scopeKey(owner.kind, ownerKey)) ??
      byKey.get(scopeKey('Gateway', `${namespace}/${name}`)) ??
      byKey.get(`GatewayClass:${gateway.spec.gatewayClassName}`)
    );
  }

  /** Why requests to a backend must be, whatever their route; undefined: they need not. */
  ofBackend(group: string, kind: string, namespace: string, name: string): string | undefined {
    if (this.#byKey.size === 0) return undefined;
    const key =
      kind === 'InferencePool' ? `pool:${group}/${namespace}/${name}` : `${kind}:${namespace}/${name}`;
    const refused = this.#byKey.get(key);
    return refused && `${nameOf(refused.policy)} ${refused.message}`;
  }

  #refuse(
    context: Context,
    policy: UnservedPolicy,
    targets: readonly PolicyTarget[],
    index: TargetIndex,
  ): RefusedPolicy {
    const closes = policy.unreadable !== undefined || mayRestrict(policy);
    const attachments: RefusedPolicy['attachments'][number][] = [];
    const message =
      policy.unreadable === undefined ? `is of a kind that Breakwater does not serve` : 'cannot be read';
    const refused = { policy, message, closes, attachments };
    let concerns = false;
    for (const target of targets) {
      const located = locate(context, target, index);
      const key = 'subject' in located ? located.subject?.key : undefined;
      if (!('kind' in located)) attachments.push({ target, ...located });
      const elsewhere = key ?? keyOfOther(target);
      concerns ||=
        elsewhere !== undefined ||
        ('kind' in located && located.kind === 'not-found' && located.field !== 'kind');
      if (closes && elsewhere !== undefined && !this.#byKey.has(elsewhere))
        this.#byKey.set(elsewhere, refused);
    }
    this.#report(context, refused, targets, concerns);
    return refused;
  }

  #report(
    { problems }: Context,
    { policy, message, closes }: RefusedPolicy,
    targets: readonly PolicyTarget[],
    concerns: boolean,
  ): void {
    const names = targets.map(({ kind, namespace, name, sectionName }) =>
      [kind, `${namespace}/${name}${sectionName === undefined ? '' : `/${sectionName}`}`].join(' '),
    );
    const what = names.length === 0 ? 'what it is about' : names.join(', ');
    if (!concerns) {
      const text = `${message}, and is on nothing that Breakwater serves: it has no effect`;
      problems.warning('policy-without-effect', policy, ['spec'], text);
    } else if (closes) {
      const code = policy.unreadable === undefined ? 'policy-unsupported' : 'policy-invalid';
      problems.error(code, policy, ['spec'], `${message}: requests to ${what} are answered with 500`);
    } else {
      const text = `${message}, and nothing in it restricts: it has no effect on ${what}`;
      problems.warning('policy-without-effect', policy, ['spec'], text);
    }
  }
}

/** Of what is no target of the policies that are served. */
function keyOfOther({ group, kind, namespace, name }: PolicyTarget): string | undefined {
  if ((group === '' && kind === 'Service') || (group === ENVOY_GATEWAY_GROUP && kind === 'Backend'))
    return `${kind}:${namespace}/${name}`;
  return group === GATEWAY_GROUP && kind === 'GatewayClass' ? `GatewayClass:${name}` : undefined;
}

const TARGETS: ReadonlySet<string> = new Set(['targetRef', 'targetRefs', 'targetSelectors']);

/** Fields of a ClientTrafficPolicy without which nothing gets in that should not. */
const HARMLESS_FOR_CLIENTS: ReadonlySet<string> = new Set([
  'tcpKeepalive',
  'http3',
  'healthCheck',
  'scheme',
  'enableProxyProtocol',
  'proxyProtocol',
  'clientIPDetection',
]);
const HARMLESS_FOR_CONNECTIONS: ReadonlySet<string> = new Set(['bufferLimit', 'socketBufferLimit']);

function mayRestrict({ kind, spec }: UnservedPolicy): boolean {
  if (kind !== 'ClientTrafficPolicy') return true;
  return Object.entries(spec).some(([field, value]) => {
    if (TARGETS.has(field) || HARMLESS_FOR_CLIENTS.has(field)) return false;
    const isObject = typeof value === 'object' && value !== null;
    return !(
      field === 'connection' &&
      isObject &&
      Object.keys(value).every(each => HARMLESS_FOR_CONNECTIONS.has(each))
    );
  });
}

/** Of the policy that closes something, for those whose requests get 500. */
export function closedBy({ policy, message }: RefusedPolicy): string {
  return `${nameOf(policy)} cannot be applied: it ${message}`;
}

function nameOf(policy: UnservedPolicy): string {
  const { kind, namespace, name } = objectRef(policy);
  return `${kind} ${namespace}/${name}`;
}
