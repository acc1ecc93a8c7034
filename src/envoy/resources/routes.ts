import { create } from '@bufbuild/protobuf';
import type { Listener, Route, Server } from '../../plan/index.ts';
import type { RouteSchema } from '../gen/envoy/config/route/v3/route_components_pb.ts';
import { type RouteConfiguration, RouteConfigurationSchema } from '../gen/envoy/config/route/v3/route_pb.ts';
import type { Parts } from './common.ts';
import { headerChanges } from './header-mutation.ts';
import { DESTINATION, routeConfigurationName } from './names.ts';
import { type ClusterFacts, forwardAction, redirectAction } from './route-action.ts';
import { pickerFor, routeFilters } from './route-filters.ts';
import { routeMatch } from './route-match.ts';
import { virtualHosts } from './virtual-hosts.ts';

type EnvoyRoute = Parts<typeof RouteSchema>;

/**
 * All routes of one server. A TLS client has chosen its listener by the name that it asked for, so each HTTPS listener has
 * a configuration of its own; the HTTP listeners of a port share one.
 * @param ownPort where the server is really reached
 */
export function routeConfigurations(
  server: Server,
  ownPort: number,
  facts: ClusterFacts,
): RouteConfiguration[] {
  if (server.protocol === 'HTTP') return [configuration(server, server.listeners, ownPort, facts)];
  return server.listeners.map(listener => configuration(server, [listener], ownPort, facts));
}

function configuration(
  server: Server,
  listeners: readonly Listener[],
  ownPort: number,
  facts: ClusterFacts,
): RouteConfiguration {
  return create(RouteConfigurationSchema, {
    name: routeConfigurationName(server, listeners[0]),
    ignorePortInHostMatching: true,
    virtualHosts: virtualHosts(server, listeners).map(({ name, domain, routes }) => ({
      name,
      domains: [domain],
      routes: routes.flatMap(route => envoyRoutes(route, ownPort, facts)),
    })),
  });
}

function envoyRoutes(route: Route, ownPort: number, facts: ClusterFacts): EnvoyRoute[] {
  const base: EnvoyRoute = {
    name: route.name,
    match: routeMatch(route.match),
    ...headerChanges(route.requestHeaders, route.responseHeaders),
    typedPerFilterConfig: routeFilters(route),
  };
  const { action } = route;
  switch (action.kind) {
    case 'direct':
      return [
        { ...base, action: { case: 'directResponse', value: directResponse(action.status, action.body) } },
      ];
    case 'redirect':
      return [{ ...base, action: { case: 'redirect', value: redirectAction(route, action, ownPort) } }];
    case 'forward': {
      // No backend at all: 500 for every request (HTTPRouteRule.backendRefs).
      if (action.backends.length === 0)
        return [{ ...base, action: { case: 'directResponse', value: directResponse(500, '') } }];
      const forward: EnvoyRoute = {
        ...base,
        action: { case: 'route', value: forwardAction(route, action, facts) },
      };
      const gate = gatedCluster(route, facts);
      return gate === undefined ? [forward] : gated(forward, route, gate);
    }
  }
}

/** The cluster of a route that must not be reached without its picker; undefined where all may be. */
function gatedCluster({ action }: Route, { failClose }: ClusterFacts): string | undefined {
  if (action.kind !== 'forward') return undefined;
  const targets = action.backends.map(({ target }) =>
    target.kind === 'cluster' ? target.cluster : undefined,
  );
  return targets.length === 1 && targets[0] !== undefined && failClose.has(targets[0])
    ? targets[0]
    : undefined;
}

/**
 * FailClose without cutting off what is in flight: the route matches only a request that the picker has placed (it clears
 * the route cache), and one that it has not placed gets 503 from the route below.
 */
function gated(forward: EnvoyRoute, route: Route, cluster: string): EnvoyRoute[] {
  const placed = { name: DESTINATION, headerMatchSpecifier: { case: 'presentMatch' as const, value: true } };
  return [
    { ...forward, match: routeMatch(route.match, [placed]) },
    {
      name: route.name,
      match: routeMatch(route.match),
      typedPerFilterConfig: { ...routeFilters(route), ...pickerFor(cluster) },
      action: { case: 'directResponse', value: directResponse(503, 'no healthy upstream') },
    },
  ];
}

function directResponse(status: number, body: string) {
  return body === ''
    ? { status }
    : { status, body: { specifier: { case: 'inlineString' as const, value: body } } };
}
