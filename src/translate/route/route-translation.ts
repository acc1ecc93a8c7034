import type { HTTPRoute } from '../../api/index.ts';
import type { BackendResolver } from '../backend/backend.ts';
import type { ClusterRegistry } from '../backend/cluster-registry.ts';
import type { RoutesByListener } from '../gateway/server-builder.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import { servedDomains } from '../hostname.ts';
import { isServing, type ListenerContext } from '../listener/translate-listener.ts';
import { type PolicyIndex, policyFailure } from '../policy/policy-index.ts';
import { reportNoRetries } from '../policy/policy-limits.ts';
import { closedBy, type RefusedPolicies } from '../policy/refused-policies.ts';
import type { RankedRoute } from '../precedence.ts';
import type { PoolParents } from '../status/pool-status.ts';
import { noteAncestor } from '../tls/backend-tls-index.ts';
import type { Context } from '../translation-context.ts';
import { type ParentContext, type RouteContext, refuse } from './attachment.ts';
import { buildRoutes } from './route-builder.ts';
import { type RuleContext, readRule } from './route-rule.ts';
import { applyRuleErrors, type ClosedRules, noteClosedRules } from './rule-errors.ts';

/** Puts routes on the listeners that they attach to; the fields grow with every route. */
export class RouteTranslation {
  readonly byListener: RoutesByListener = new Map();
  readonly poolParents: PoolParents = new Map();
  readonly #context: Context;
  readonly #policies: PolicyIndex;
  readonly #refused: RefusedPolicies;
  readonly #clusters: ClusterRegistry;
  readonly #resolver: BackendResolver;
  readonly #isolated = new Map<ListenerContext, ReadonlySet<string>>();
  readonly #attached = new Map<ListenerContext, Set<HTTPRoute>>();

  constructor(
    context: Context,
    policies: PolicyIndex,
    refused: RefusedPolicies,
    clusters: ClusterRegistry,
    resolver: BackendResolver,
  ) {
    this.#context = context;
    this.#policies = policies;
    this.#refused = refused;
    this.#clusters = clusters;
    this.#resolver = resolver;
  }

  add({ route, parents }: RouteContext): void {
    if (parents.length === 0) return;
    const rules = (route.spec.rules ?? []).map((_, index) =>
      readRule(this.#context, this.#resolver, route, index),
    );
    const errors = rules.map(rule => rule.errors);
    for (const parent of parents) {
      applyRuleErrors(errors, parent.conditions);
      this.#addToParent(route, rules, parent);
      notePools(this.poolParents, rules, parent);
      noteTlsPolicies(rules, parent);
    }
  }

  /** On each listener where the host names meet (Gateway API, HTTPRouteSpec.hostnames). */
  #addToParent(route: HTTPRoute, rules: readonly RuleContext[], parent: ParentContext): void {
    let meets = false;
    const closed: ClosedRules = new Map();
    for (const listener of parent.listeners) {
      const isolated = this.#isolatedFrom(parent.gateway, listener);
      const domains = servedDomains(listener.hostname, route.spec.hostnames ?? [], isolated);
      if (domains.length === 0) continue;
      meets = true;
      // Two parentRefs of one route may lead to one listener.
      const attached = getOrCreate(this.#attached, listener, () => new Set<HTTPRoute>());
      if (attached.has(route)) continue;
      attached.add(route);
      listener.attachedRoutes++;
      this.#serve(route, rules, parent.gateway, listener, domains, closed);
    }
    noteClosedRules(closed, parent.conditions);
    if (meets || parent.listeners.length === 0) return;
    const message =
      "There were no hostname intersections between the HTTPRoute and this parent ref's Listener(s).";
    refuse(this.#context, route, parent, 'NoMatchingListenerHostname', message, ['spec', 'hostnames']);
  }

  #serve(
    route: HTTPRoute,
    rules: readonly RuleContext[],
    gateway: GatewayContext,
    listener: ListenerContext,
    domains: readonly string[],
    closed: ClosedRules,
  ): void {
    if (!isServing(listener)) return;
    const byDomain = getOrCreate(this.byListener, listener, () => new Map<string, RankedRoute[]>());
    for (const rule of rules) {
      const effective = this.#policies.lookup(route, rule.name, listener);
      if (rule.retry !== undefined) reportNoRetries(this.#context, rule, effective);
      const refused = this.#refused.closing(route, rule.name, listener);
      const byPolicy = refused === undefined ? policyFailure(effective) : closedBy(refused);
      if (byPolicy !== undefined) getOrCreate(closed, byPolicy, () => new Set<number>()).add(rule.index);
      const failure = byPolicy ?? rule.errors.failure;
      for (const domain of domains) {
        const built = buildRoutes(rule, gateway, listener, domain, effective, failure, this.#clusters);
        getOrCreate(byDomain, domain, () => []).push(...built);
      }
    }
  }

  /** Host names of the other listeners on the port: their requests do not come here. */
  #isolatedFrom(gateway: GatewayContext, listener: ListenerContext): ReadonlySet<string> {
    return getOrCreate(this.#isolated, listener, () => {
      const others = gateway.listeners.filter(
        other =>
          other !== listener &&
          other.spec.port === listener.spec.port &&
          !other.conditions.is('Conflicted', 'True'),
      );
      return new Set(others.flatMap(({ hostname }) => hostname ?? []));
    });
  }
}

/** A pool's parents are the Gateways of the routes to it; one accepted route is enough for it to be accepted. */
function notePools(poolParents: PoolParents, rules: readonly RuleContext[], parent: ParentContext): void {
  const accepted = parent.conditions.is('Accepted', 'True');
  for (const { backends, mirrors } of rules) {
    for (const { resolved } of [...backends, ...mirrors]) {
      if (!('pool' in resolved) || resolved.pool === undefined) continue;
      const gateways = getOrCreate(poolParents, resolved.pool, () => new Map<GatewayContext, boolean>());
      gateways.set(parent.gateway, accepted || (gateways.get(parent.gateway) ?? false));
    }
  }
}

/** The ancestors of a BackendTLSPolicy are the Gateways of the routes to its targets. */
function noteTlsPolicies(rules: readonly RuleContext[], { gateway }: ParentContext): void {
  for (const { backends, mirrors } of rules)
    for (const { resolved } of [...backends, ...mirrors])
      if ('tlsPolicies' in resolved && resolved.tlsPolicies !== undefined)
        noteAncestor(resolved.tlsPolicies, gateway);
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
