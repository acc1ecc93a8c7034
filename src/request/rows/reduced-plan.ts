import { expressionOf } from '../../kernel/index.ts';
import {
  ANY_VALUE,
  NO_HEADER_MUTATION,
  type Part,
  type Plan,
  type Route,
  type RouteAction,
  type ValueMatch,
  type WeightedBackend,
} from '../../plan/index.ts';

const ANSWER_500: RouteAction = {
  kind: 'direct',
  status: 500,
  body: '',
  reason: 'the data plane cannot serve the rule: the status of the route says why',
};
const failing = new WeakMap<Route, Route>();

/**
 * The route, with the answer 500 and nothing else of what it asks for: a part of its own, which may be left out too. An
 * expression of a header or a parameter that cannot be compiled takes every value there.
 */
export function failingRoute(route: Route): Route {
  let made = failing.get(route);
  if (made === undefined) {
    made = {
      name: route.name,
      source: route.source,
      ruleIndex: route.ruleIndex,
      match: {
        ...route.match,
        headers: route.match.headers.map(compilable),
        queryParams: route.match.queryParams.map(compilable),
      },
      requestHeaders: NO_HEADER_MUTATION,
      responseHeaders: NO_HEADER_MUTATION,
      mirrors: [],
      action: ANSWER_500,
      timeouts: {},
    };
    failing.set(route, made);
  }
  return made;
}

function compilable(match: ValueMatch): ValueMatch {
  if (match.type !== 'RegularExpression') return match;
  try {
    expressionOf(match.value);
    return match;
  } catch {
    return { ...match, value: ANY_VALUE };
  }
}

type Copied = <T extends Part>(original: T, copy: T) => T;

const untold: Copied = (_, copy) => copy;

/**
 * The plan without some of its parts: requests to them are answered with 500, all else is as it was.
 * @param copied is told of each part that is made anew as something of it is left out, and returns the new one
 * @param originOf what a part was made of that is such a copy itself
 */
export function reducedPlan(
  plan: Plan,
  isOut: (part: Part) => boolean,
  copied: Copied = untold,
  originOf: (part: Part) => Part = part => part,
): Plan {
  const out = new Set(plan.clusters.filter(isOut).map(({ name }) => name));
  const routeOf = (route: Route): readonly Route[] => {
    if (isOut(route)) {
      const answer = failingRoute(originOf(route) as Route);
      return isOut(answer) ? [] : [answer];
    }
    return out.size === 0 ? [route] : [withoutClusters(route, out, copied)];
  };
  const servers = plan.servers
    .filter(server => !isOut(server))
    .map(server =>
      copied(server, {
        ...server,
        listeners: server.listeners
          .filter(listener => !isOut(listener))
          .map(listener =>
            copied(listener, {
              ...listener,
              virtualHosts: listener.virtualHosts.map(host => ({
                ...host,
                routes: host.routes.flatMap(routeOf),
              })),
            }),
          ),
      }),
    )
    .filter(({ listeners }) => listeners.length > 0);
  return { ...plan, servers, clusters: plan.clusters.filter(({ name }) => !out.has(name)) };
}

/** The share of a cluster that is not there is answered with 500 (HTTPRouteRule.backendRefs). */
function withoutClusters(route: Route, out: ReadonlySet<string>, copied: Copied): Route {
  const { action } = route;
  const mirrors = route.mirrors.filter(({ cluster }) => !out.has(cluster));
  if (action.kind !== 'forward') return route;
  const isTarget = ({ target }: WeightedBackend) => target.kind === 'cluster' && out.has(target.cluster);
  if (mirrors.length === route.mirrors.length && !action.backends.some(isTarget)) return route;
  const backends = action.backends.map(backend =>
    isTarget(backend)
      ? {
          ...backend,
          target: {
            kind: 'invalid' as const,
            status: 500 as const,
            reason: 'cannot be served: see the status of the route',
          },
        }
      : backend,
  );
  return copied(route, { ...route, mirrors, action: { ...action, backends } });
}
