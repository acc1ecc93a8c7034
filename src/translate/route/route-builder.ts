import type { Mirror, Route, RouteAction, RouteTimeouts, WeightedBackend } from '../../plan/index.ts';
import { DEFAULT_STREAM_IDLE_MS } from '../../plan/index.ts';
import { type ClusterRegistry, type ClusterUser, isReachable } from '../backend/cluster-registry.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import { nameInPlan } from '../listener/listener-owner.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { createdAt } from '../object-age.ts';
import type { EffectivePolicy } from '../policy/policy-index.ts';
import type { RankedRoute } from '../precedence.ts';
import { objectRef } from '../problem.ts';
import { usable } from '../tls/backend-certificate.ts';
import type { RuleBackend, RuleContext } from './route-rule.ts';

/**
 * The routes of one rule at one domain of one listener, under the policy that governs it there.
 * @param failure why every request to the rule must be answered with 500, in words; undefined: none must
 */
export function buildRoutes(
  rule: RuleContext,
  gateway: GatewayContext,
  listener: ListenerContext,
  domain: string,
  effective: EffectivePolicy | undefined,
  failure: string | undefined,
  clusters: ClusterRegistry,
): RankedRoute[] {
  const { route, filters } = rule;
  const features = effective?.features ?? {};
  const { namespace = '', name } = route.metadata;
  const ruleName = `httproute/${namespace}/${name}/rule/${rule.index}`;
  const { metadata } = gateway.gateway;
  const user: ClusterUser = {
    listener: `${metadata.namespace}/${metadata.name}/${nameInPlan(listener)}`,
    certificate: usable(gateway.backendCertificate),
  };
  const fails = failure !== undefined;
  const retry = rule.retry ?? features.retry;
  const shared = {
    source: objectRef(route),
    ruleIndex: rule.index,
    requestHeaders: filters.requestHeaders,
    responseHeaders: filters.responseHeaders,
    ...(filters.rewrite === undefined ? {} : { rewrite: filters.rewrite }),
    ...(filters.cors === undefined || fails || filters.redirect !== undefined ? {} : { cors: filters.cors }),
    mirrors: fails ? NO_MIRRORS : mirrorsOf(rule, ruleName, user, effective, clusters),
    action: fails
      ? { ...ANSWER_500, reason: failure }
      : actionOf(rule, ruleName, listener, user, effective, clusters),
    timeouts: timeoutsOf(rule, effective),
    ...(retry === undefined ? {} : { retry }),
    ...(features.fault === undefined ? {} : { fault: features.fault }),
    ...(features.requestBufferLimitBytes === undefined
      ? {}
      : { requestBufferLimitBytes: features.requestBufferLimitBytes }),
  };
  const host = domain.replaceAll('.', '_');
  const created = createdAt(route);
  return rule.matches.map(({ index, match }) => {
    const built: Route = { name: `${ruleName}/match/${index}/${host}`, match, ...shared };
    return {
      route: built,
      rank: { match, created, namespace, name, ruleIndex: rule.index, matchIndex: index },
    };
  });
}

/** Envoy Gateway's answer for a rule or policy that cannot be translated: empty, 500. */
const ANSWER_500 = { kind: 'direct', status: 500, body: '' } as const;
const NO_MIRRORS: readonly Mirror[] = [];

function actionOf(
  rule: RuleContext,
  ruleName: string,
  listener: ListenerContext,
  user: ClusterUser,
  effective: EffectivePolicy | undefined,
  clusters: ClusterRegistry,
): RouteAction {
  const { redirect, backends } = rule;
  if (redirect !== undefined) {
    return {
      kind: 'redirect',
      ...redirect,
      port: redirect.port ?? redirectPort(redirect.scheme, listener.spec.port),
    };
  }
  const several = (rule.route.spec.rules?.[rule.index]?.backendRefs ?? []).length > 1;
  return {
    kind: 'forward',
    backends: backends.map(backend => {
      const clusterName = several ? `${ruleName}/backend/${backend.index}` : ruleName;
      return weightedBackend(backend, clusterName, user, effective, clusters);
    }),
  };
}

/** The scheme's own port, else the listener's (HTTPRequestRedirectFilter.port). */
function redirectPort(scheme: 'http' | 'https' | undefined, listenerPort: number): number {
  switch (scheme) {
    case 'http':
      return 80;
    case 'https':
      return 443;
    case undefined:
      return listenerPort;
  }
}

function weightedBackend(
  { weight, resolved, requestHeaders, responseHeaders }: RuleBackend,
  clusterName: string,
  user: ClusterUser,
  effective: EffectivePolicy | undefined,
  clusters: ClusterRegistry,
): WeightedBackend {
  const common = { weight, requestHeaders, responseHeaders };
  switch (resolved.kind) {
    case 'unresolved':
      return { ...common, target: { kind: 'invalid', status: 500, reason: resolved.message } };
    case 'untrusted':
      return { ...common, target: { kind: 'invalid', status: 500, reason: resolved.message } };
    case 'empty':
      return { ...common, target: { kind: 'invalid', status: 503, reason: resolved.message } };
    default: {
      const refusal = clusters.refusal(resolved);
      if (refusal !== undefined)
        return { ...common, target: { kind: 'invalid', status: 500, reason: refusal } };
      const cluster = clusters.add(clusterName, resolved, effective, user);
      return { ...common, target: { kind: 'cluster', cluster } };
    }
  }
}

function mirrorsOf(
  { mirrors }: RuleContext,
  ruleName: string,
  user: ClusterUser,
  effective: EffectivePolicy | undefined,
  clusters: ClusterRegistry,
): readonly Mirror[] {
  if (mirrors.length === 0) return NO_MIRRORS;
  return mirrors.flatMap(({ resolved, ratio, filterIndex }) => {
    if (!isReachable(resolved) || clusters.refusal(resolved) !== undefined) return [];
    return [
      {
        cluster: clusters.add(`${ruleName}-mirror-${filterIndex}`, resolved, effective, user),
        ratio,
      },
    ];
  });
}

/** What the HTTPRoute says goes before what a policy says (Envoy Gateway, getEffectiveRequestTimeout). */
function timeoutsOf(rule: RuleContext, effective: EffectivePolicy | undefined): RouteTimeouts {
  const { backendRequestTimeoutMs } = rule;
  const routeDecides =
    rule.requestTimeoutMs !== undefined || (backendRequestTimeoutMs !== undefined && !rule.retry);
  const { requestTimeoutMs, streamIdleMs, maxStreamMs } = effective?.features ?? {};
  const requestMs = routeDecides ? rule.requestTimeoutMs : requestTimeoutMs;
  const idleMs = streamIdleMs ?? idleOf(requestMs);
  return {
    ...(requestMs === undefined ? {} : { requestMs }),
    ...(backendRequestTimeoutMs === undefined ? {} : { backendRequestMs: backendRequestTimeoutMs }),
    ...(idleMs === undefined ? {} : { streamIdleMs: idleMs }),
    ...(maxStreamMs === undefined ? {} : { maxStreamMs }),
  };
}

/** Who allows a request so long allows it to be silent so long: at least an hour, and for ever where there is no limit (Envoy Gateway, idleTimeout). */
function idleOf(requestMs: number | undefined): number | undefined {
  if (requestMs === undefined || requestMs === 0) return requestMs;
  return Math.max(DEFAULT_STREAM_IDLE_MS, requestMs);
}
