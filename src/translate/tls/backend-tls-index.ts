import type { BackendTLSPolicy } from '../../api/index.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import { compareAge } from '../object-age.ts';
import { objectRef } from '../problem.ts';
import { type Context, ENVOY_GATEWAY_GROUP } from '../translation-context.ts';
import { optionsForUs } from './tls-options.ts';
import { type BackendTlsVerdict, backendTlsOf } from './translate-backend-tls.ts';

/** A BackendTLSPolicy, and where it was found to act. `ancestors` grows while routes are translated. */
export interface TlsPolicyContext {
  readonly policy: BackendTLSPolicy;
  readonly verdict: BackendTlsVerdict;
  /** Gateways whose routes lead to a target of it → the policy that has the target instead. */
  readonly ancestors: Map<GatewayContext, BackendTLSPolicy | undefined>;
}

/** All policies on one target: the first acts. */
export type TlsPolicies = readonly [TlsPolicyContext, ...TlsPolicyContext[]];

/** Gateway API, BackendTLSPolicySpec.targetRefs; Envoy Gateway's Backend besides. */
const TARGETS: ReadonlySet<string> = new Set(['/Service', `${ENVOY_GATEWAY_GROUP}/Backend`]);

/** Which BackendTLSPolicies are on what: the oldest acts (GEP-713, conflict resolution). */
export class BackendTlsIndex {
  readonly policies: readonly TlsPolicyContext[];
  readonly #byTarget = new Map<string, [TlsPolicyContext, ...TlsPolicyContext[]]>();

  constructor(context: Context) {
    this.policies = [...context.set.list('BackendTLSPolicy')].sort(compareAge).map(policy => ({
      policy,
      verdict: backendTlsOf(context, policy),
      ancestors: new Map(),
    }));
    for (const each of this.policies) this.#place(context, each);
  }

  /** @param section of a Service: the name of its port */
  lookup(
    kind: 'Service' | 'Backend',
    namespace: string,
    name: string,
    section?: string,
  ): TlsPolicies | undefined {
    const key = `${kind} ${namespace}/${name}`;
    const ofSection = section === undefined ? undefined : this.#byTarget.get(`${key}/${section}`);
    return ofSection ?? this.#byTarget.get(key);
  }

  #place(context: Context, own: TlsPolicyContext): void {
    const { policy } = own;
    const namespace = policy.metadata.namespace ?? '';
    const { options } = policy.spec;
    if (options !== undefined && optionsForUs(options).length === 0) {
      const message = 'spec.options has no effect: not implemented by Breakwater';
      context.problems.warning('field-without-effect', policy, ['spec', 'options'], message);
    }
    for (const [index, { group, kind, name, sectionName }] of policy.spec.targetRefs.entries()) {
      const path = ['spec', 'targetRefs', index];
      if (!TARGETS.has(`${group}/${kind}`)) {
        const message = `a BackendTLSPolicy cannot target ${group}/${kind}, only Service and Envoy Gateway Backend`;
        context.problems.error('policy-target-not-found', policy, [...path, 'kind'], message);
        continue;
      }
      if (context.set.get(kind === 'Service' ? 'Service' : 'Backend', namespace, name) === undefined) {
        const message = `${kind} ${namespace}/${name} not found`;
        context.problems.error('policy-target-not-found', policy, [...path, 'name'], message);
      }
      const key = `${kind} ${namespace}/${name}${sectionName === undefined ? '' : `/${sectionName}`}`;
      const known = this.#byTarget.get(key);
      if (known === undefined) {
        this.#byTarget.set(key, [own]);
        continue;
      }
      known.push(own);
      const by = objectRef(known[0].policy);
      const message = `${kind} ${namespace}/${name} is the target of the older BackendTLSPolicy ${by.namespace}/${by.name}`;
      context.problems.error('policy-conflict', policy, path, message);
    }
  }
}

/** Notes that routes of a Gateway lead to the target of these policies. */
export function noteAncestor([first, ...others]: TlsPolicies, gateway: GatewayContext): void {
  if (!first.ancestors.has(gateway)) first.ancestors.set(gateway, undefined);
  for (const other of others) other.ancestors.set(gateway, first.policy);
}
