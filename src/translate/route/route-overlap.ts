import type { HTTPRoute } from '../../api/index.ts';
import type { RouteMatch } from '../../plan/index.ts';
import type { RoutesByListener } from '../gateway/server-builder.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { comparePrecedence, type Precedence, type RankedRoute } from '../precedence.ts';
import type { Context } from '../translation-context.ts';
import type { RouteContext } from './attachment.ts';

/** HTTPRoutes by `NAMESPACE/NAME`, with the groups of routes for the same requests that each is in; shared, in order. */
type Overlaps = Map<string, (readonly string[])[]>;

/** More names than these nobody reads. */
const MAX_NAMES = 100;

/**
 * Matches that are the same on one domain of one listener: only the first by precedence gets requests. A problem for each of
 * the others, and Envoy Gateway's condition for the routes (checkRouteOverlaps).
 */
export function reportOverlaps(
  context: Context,
  routes: readonly RouteContext[],
  byListener: RoutesByListener,
): void {
  const byName = new Map(routes.map(({ route }) => [nameOf(route.metadata), route]));
  const overlaps = new Map<ListenerContext, Overlaps>();
  for (const [listener, byDomain] of byListener) {
    for (const [domain, ranked] of byDomain) {
      for (const same of sameMatches(ranked)) {
        const [first, ...others] = same.map(({ rank }) => rank).sort(comparePrecedence);
        for (const other of others) reportShadowed(context, byName, domain, first!, other);
        noteOverlaps(overlaps, listener, [...new Set(same.map(({ rank }) => nameOf(rank)))].sort());
      }
    }
  }
  for (const { route, parents } of routes) {
    for (const { listeners, conditions } of parents) {
      const own = nameOf(route.metadata);
      const groups = listeners.flatMap(listener => overlaps.get(listener)?.get(own) ?? []);
      if (groups.length === 0) continue;
      const message = `Overlapping match conditions with route(s): ${listed(groups, own)}`;
      conditions.set('RouteRulesOverlap', 'True', 'RouteRulesOverlap', message);
    }
  }
}

function sameMatches(ranked: readonly RankedRoute[]): RankedRoute[][] {
  if (ranked.length < 2) return [];
  const groups = Map.groupBy(ranked, ({ rank }) => matchKey(rank.match));
  return [...groups.values()].filter(group => group.length > 1);
}

/** Equal for matches of the same requests, in whatever order they say it. */
function matchKey({ path, method, headers, queryParams }: RouteMatch): string {
  const values = (all: RouteMatch['headers']) =>
    all.map(({ type, name, value }) => [name, type, value].join('\0')).sort();
  return JSON.stringify([path.type, path.value, method ?? '', values(headers), values(queryParams)]);
}

function reportShadowed(
  { problems }: Context,
  byName: ReadonlyMap<string, HTTPRoute>,
  domain: string,
  first: Precedence,
  other: Precedence,
): void {
  const route = byName.get(nameOf(other));
  if (route === undefined) return;
  const path = ['spec', 'rules', other.ruleIndex];
  const at = other.matchIndex < 0 ? path : [...path, 'matches', other.matchIndex];
  const winner =
    nameOf(first) === nameOf(other)
      ? `rule ${first.ruleIndex}`
      : `HTTPRoute ${nameOf(first)}, rule ${first.ruleIndex},`;
  const host = domain === '*' ? 'any host' : domain;
  problems.warning(
    'route-shadowed',
    route,
    at,
    `gets no requests for ${host}: ${winner} matches the same first`,
  );
}

function noteOverlaps(
  overlaps: Map<ListenerContext, Overlaps>,
  listener: ListenerContext,
  names: readonly string[],
): void {
  if (names.length < 2) return;
  const ofListener: Overlaps = overlaps.get(listener) ?? new Map();
  overlaps.set(listener, ofListener);
  for (const name of names) {
    const groups = ofListener.get(name);
    if (groups === undefined) ofListener.set(name, [names]);
    else groups.push(names);
  }
}

function listed(groups: readonly (readonly string[])[], own: string): string {
  const names = new Set<string>();
  for (const group of groups) {
    for (const name of group) {
      if (name !== own) names.add(name);
      if (names.size > MAX_NAMES) break;
    }
  }
  const list = [...names].sort().map(name => `HTTPRoute ${name}`);
  return list.length <= MAX_NAMES ? list.join(', ') : `${list.slice(0, MAX_NAMES).join(', ')} and others`;
}

function nameOf({
  namespace,
  name,
}: {
  readonly namespace?: string | undefined;
  readonly name: string;
}): string {
  return `${namespace ?? ''}/${name}`;
}
