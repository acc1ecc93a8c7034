import { durationMs, type HTTPRoute } from '../../api/index.ts';
import type { HeaderMutation, RetryPolicy, RouteMatch } from '../../plan/index.ts';
import { NO_HEADER_MUTATION } from '../../plan/index.ts';
import type { BackendResolver, Resolved } from '../backend/backend.ts';
import { retryOfRule } from '../policy/policy-retry.ts';
import type { Context } from '../translation-context.ts';
import { addHeaderFilter } from './header-filter.ts';
import { RuleErrors } from './rule-errors.ts';
import { type MirrorRef, type Redirect, type RuleFilters, ruleFilters } from './translate-route-filters.ts';
import { MATCH_ALL, routeMatch } from './translate-route-match.ts';

type RouteRule = NonNullable<HTTPRoute['spec']['rules']>[number];
type BackendRef = NonNullable<RouteRule['backendRefs']>[number];

/** A rule as far as it does not depend on the listener and its policy. */
export interface RuleContext {
  readonly route: HTTPRoute;
  readonly index: number;
  readonly name: string | undefined;
  readonly matches: readonly IndexedMatch[];
  readonly filters: RuleFilters;
  readonly redirect: Redirect | undefined;
  readonly backends: readonly RuleBackend[];
  readonly mirrors: readonly RuleMirror[];
  readonly requestTimeoutMs: number | undefined;
  readonly backendRequestTimeoutMs: number | undefined;
  readonly retry: RetryPolicy | undefined;
  readonly errors: RuleErrors;
}

export interface IndexedMatch {
  /** -1 for a rule without matches, as in Envoy Gateway's names. */
  readonly index: number;
  readonly match: RouteMatch;
}

export interface RuleBackend {
  readonly index: number;
  readonly weight: number;
  readonly resolved: Resolved;
  readonly requestHeaders: HeaderMutation;
  readonly responseHeaders: HeaderMutation;
}

export type RuleMirror = MirrorRef & { readonly resolved: Resolved };

/** envoy.config.route.v3.RetryPolicy.num_retries is a uint32; the CRD has no bound. */
const MAX_ATTEMPTS = 0xffffffff;

export function readRule(
  context: Context,
  resolver: BackendResolver,
  route: HTTPRoute,
  index: number,
): RuleContext {
  const rule = route.spec.rules![index]!;
  const errors = new RuleErrors(context.problems, route, index);
  const filters = ruleFilters(rule.filters ?? [], errors);
  const backends = (rule.backendRefs ?? []).map((ref, at) => readBackend(resolver, route, ref, at, errors));
  checkWeights(context, route, rule, filters, errors);
  if (rule.sessionPersistence !== undefined) {
    const path = ['spec', 'rules', index, 'sessionPersistence'];
    context.problems.warning(
      'field-without-effect',
      route,
      path,
      'sessionPersistence has no effect: not implemented by Breakwater',
    );
  }
  const { timeouts } = rule;
  const attempts = rule.retry?.attempts ?? 0;
  if (attempts > MAX_ATTEMPTS) {
    const message = `retry.attempts must be at most ${MAX_ATTEMPTS}, got ${attempts}`;
    errors.unaccepted('UnsupportedValue', message, ['retry', 'attempts']);
  }
  return {
    route,
    index,
    name: rule.name,
    matches: readMatches(rule, index, errors),
    filters,
    redirect: filters.redirect,
    backends: backends.filter(backend => backend.weight > 0),
    mirrors: readMirrors(resolver, route, filters.mirrors, errors),
    requestTimeoutMs: timeouts?.request === undefined ? undefined : durationMs(timeouts.request),
    backendRequestTimeoutMs:
      timeouts?.backendRequest === undefined ? undefined : durationMs(timeouts.backendRequest),
    retry: rule.retry && retryOfRule(rule.retry, timeouts?.backendRequest),
    errors,
  };
}

/** A rule with a match that cannot be run fails as a whole: 500 for what its matches still tell. */
function readMatches(rule: RouteRule, index: number, errors: RuleErrors): IndexedMatch[] {
  if (!rule.matches?.length) return [{ index: -1, match: MATCH_ALL }];
  const matches: IndexedMatch[] = [];
  for (const [at, spec] of rule.matches.entries()) {
    const { match, error } = routeMatch(spec);
    if (match !== undefined) matches.push({ index: at, match });
    if (error === undefined) continue;
    const message = `failed to process route rule ${index}: ${error}`;
    errors.unaccepted('UnsupportedValue', message, ['matches', at]);
  }
  return matches;
}

function readBackend(
  resolver: BackendResolver,
  route: HTTPRoute,
  ref: BackendRef,
  index: number,
  errors: RuleErrors,
): RuleBackend {
  const path = ['backendRefs', index];
  const prefix = `failed to process route rule ${errors.ruleIndex} backendRef ${index}: `;
  let requestHeaders = NO_HEADER_MUTATION;
  let responseHeaders = NO_HEADER_MUTATION;
  let resolved = resolver.resolve(ref, route);
  for (const [at, filter] of (ref.filters ?? []).entries()) {
    const messages: string[] = [];
    if (filter.type === 'RequestHeaderModifier' && filter.requestHeaderModifier) {
      requestHeaders = addHeaderFilter(requestHeaders, filter.requestHeaderModifier, filter.type, messages);
    } else if (filter.type === 'ResponseHeaderModifier' && filter.responseHeaderModifier) {
      responseHeaders = addHeaderFilter(
        responseHeaders,
        filter.responseHeaderModifier,
        filter.type,
        messages,
      );
    } else {
      messages.push(
        `filter ${filter.type} is not supported within BackendRef, only RequestHeaderModifier and ResponseHeaderModifier are supported`,
      );
    }
    if (messages.length === 0) continue;
    const message = messages.join('\n');
    errors.unresolved('UnsupportedRefValue', prefix + message, [...path, 'filters', at], 'filter-unusable');
    resolved = { kind: 'unresolved', reason: 'UnsupportedRefValue', message, field: 'filters' };
    break;
  }
  if (resolved.kind === 'unresolved' && resolved.reason !== 'UnsupportedRefValue') {
    errors.unresolved(resolved.reason, prefix + resolved.message, [...path, resolved.field]);
  }
  if (resolved.kind === 'pool' && ref.port !== undefined && !resolved.pool.ports.includes(ref.port)) {
    const message = `port ${ref.port} has no effect: an InferencePool's own ports are used, ${resolved.pool.ports.join(', ')}`;
    errors.ignored(message, [...path, 'port']);
  }
  if (resolved.kind === 'empty') {
    errors.unavailable(
      `failed to find endpoints: ${resolved.message}`,
      [...path, 'name'],
      resolved.expectsPods,
    );
  }
  return { index, weight: ref.weight ?? 1, resolved, requestHeaders, responseHeaders };
}

/** A mirror that leads nowhere is left out, and the requests go on (HTTPRequestMirrorFilter.backendRef). */
function readMirrors(
  resolver: BackendResolver,
  route: HTTPRoute,
  refs: readonly MirrorRef[],
  errors: RuleErrors,
): RuleMirror[] {
  const mirrors: RuleMirror[] = [];
  for (const mirror of refs) {
    const path = ['filters', mirror.filterIndex, 'requestMirror', 'backendRef'];
    const resolved = resolver.resolve(mirror.ref, route);
    if (resolved.kind === 'unresolved') {
      errors.unresolved(resolved.reason, `failed to validate the RequestMirror filter: ${resolved.message}`, [
        ...path,
        resolved.field,
      ]);
    } else if (resolved.kind === 'empty') {
      errors.unavailable(
        `failed to validate the RequestMirror filter: ${resolved.message}`,
        [...path, 'name'],
        resolved.expectsPods,
      );
    } else if (mirror.ratio > 0) {
      mirrors.push({ ...mirror, resolved });
    }
  }
  return mirrors;
}

/** Without a backend that can be drawn, every request is answered with 500 (HTTPRouteRule.backendRefs). */
function checkWeights(
  { problems }: Context,
  route: HTTPRoute,
  { backendRefs = [] }: RouteRule,
  { redirect }: RuleFilters,
  { ruleIndex: index, isUnaccepted }: RuleErrors,
): void {
  if (redirect !== undefined) return;
  const path = ['spec', 'rules', index, 'backendRefs'];
  if (backendRefs.length === 0) {
    // A filter that is not known may be what was to answer, and what is wrong with it has been said.
    if (isUnaccepted) return;
    const message =
      'the rule has neither backendRefs nor a redirect: every request to it is answered with 500';
    problems.warning('rule-invalid', route, ['spec', 'rules', index], message);
  } else if (backendRefs.every(({ weight }) => weight === 0)) {
    const message = 'the weights add up to 0: every request to the rule is answered with 500';
    problems.error('weights-add-up-to-zero', route, path, message);
  }
}
