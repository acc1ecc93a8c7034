import { create } from '@bufbuild/protobuf';
import {
  type Listener,
  modelHeadersOf,
  type Route,
  type Server,
  type WeightedBackend,
} from '../../../plan/index.ts';
import type { RouteSchema } from '../../gen/envoy/config/route/v3/route_components_pb.ts';
import {
  type RouteConfiguration,
  RouteConfigurationSchema,
} from '../../gen/envoy/config/route/v3/route_pb.ts';
import { idleUnlessAsked, withoutGaps } from '../listener/model-filter.ts';
import type { Parts } from '../message-parts.ts';
import { DESTINATION, routeConfigurationName } from '../resource-names.ts';
import { headerChanges } from './header-mutation-message.ts';
import { type AskedAt, redirects } from './redirect.ts';
import { type ClusterFacts, forwardAction } from './route-action.ts';
import { routeFilters } from './route-filter-messages.ts';
import { routeMatch } from './route-match-message.ts';
import { MISDIRECTED, virtualHosts } from './virtual-hosts.ts';

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
  if (server.protocol === 'HTTP') return [configuration(server, undefined, ownPort, facts)];
  return server.listeners.map(listener => configuration(server, listener, ownPort, facts));
}

/** @param listener the one that a TLS client has chosen */
function configuration(
  server: Server,
  listener: Listener | undefined,
  port: number,
  facts: ClusterFacts,
): RouteConfiguration {
  const scheme = server.protocol === 'HTTPS' ? 'https' : 'http';
  const byModel = modelHeadersOf(server.listeners).length > 0;
  const hosts = virtualHosts(server, listener);
  return create(RouteConfigurationSchema, {
    name: routeConfigurationName(server, listener),
    ignorePortInHostMatching: true,
    virtualHosts: (byModel ? withoutGaps(server, hosts) : hosts).map(({ name, domain, routes }) => {
      const own =
        routes === MISDIRECTED
          ? [misdirected()]
          : routes.flatMap(route => envoyRoutes(route, { scheme, port, domain }, facts));
      return byModel
        ? {
            name,
            domains: [domain],
            routes: [...own, notFound()],
            typedPerFilterConfig: idleUnlessAsked(routes === MISDIRECTED ? [] : routes),
          }
        : { name, domains: [domain], routes: own };
    }),
  });
}

function envoyRoutes(route: Route, at: AskedAt, facts: ClusterFacts): EnvoyRoute[] {
  const { action } = route;
  const base: EnvoyRoute = {
    name: route.name,
    match: routeMatch(route.match),
    typedPerFilterConfig: routeFilters(route),
  };
  const own = { ...base, ...headerChanges([], [route.responseHeaders]) };
  switch (action.kind) {
    case 'direct':
      return [
        { ...own, action: { case: 'directResponse', value: directResponse(action.status, action.body) } },
      ];
    case 'redirect':
      return redirects(route, action, at).map(form => ({
        ...own,
        ...(form.hostWithPort && { match: routeMatch(route.match, [HOST_WITH_PORT]) }),
        action: { case: 'redirect', value: form.action },
      }));
    case 'forward': {
      // No backend at all: 500 for every request (HTTPRouteRule.backendRefs).
      if (action.backends.length === 0)
        return [{ ...own, action: { case: 'directResponse', value: directResponse(500, '') } }];
      const forward = (placed: boolean): EnvoyRoute => ({
        ...base,
        requestBodyBufferLimit: keptBody(route, action.backends, facts),
        action: { case: 'route', value: forwardAction(route, action, facts, placed) },
      });
      const gated = action.backends.some(
        ({ target }) => target.kind === 'cluster' && facts.failClose.has(target.cluster),
      );
      // FailClose without cutting off what is in flight: what must not be reached without its picker is reached only by
      // requests that the picker has placed (it clears the route cache), and the others' share gets 503 from the route below.
      return gated
        ? [{ ...forward(true), match: routeMatch(route.match, [PLACED]) }, forward(false)]
        : [forward(true)];
    }
  }
}

/** Of a body that may be sent a second time; the embedded plane's bounds. */
const RETRY_BUFFER_BYTES = 1024n * 1024n;
const WHOLE_BUFFER_BYTES = 64n * RETRY_BUFFER_BYTES;

/** A body for a pool has been read whole when it is sent, and goes elsewhere whole where its endpoint refuses the connection. */
function keptBody(
  { mirrors }: Route,
  backends: readonly WeightedBackend[],
  { picked }: ClusterFacts,
): bigint {
  const whole = backends.some(({ target }) => target.kind === 'cluster' && picked.has(target.cluster));
  return whole || mirrors.length > 0 ? WHOLE_BUFFER_BYTES : RETRY_BUFFER_BYTES;
}

const PLACED = { name: DESTINATION, headerMatchSpecifier: { case: 'presentMatch' as const, value: true } };

const HOST_WITH_PORT = {
  name: ':authority',
  headerMatchSpecifier: {
    case: 'stringMatch' as const,
    value: { matchPattern: { case: 'safeRegex' as const, value: { regex: '.*:[0-9]+' } } },
  },
};

/** RFC 9110 section 15.5.20. */
function misdirected(): EnvoyRoute {
  return {
    match: { pathSpecifier: { case: 'prefix', value: '/' } },
    action: { case: 'directResponse', value: { status: 421 } },
  };
}

/** As Envoy answers where no route matches. */
function notFound(): EnvoyRoute {
  return {
    match: { pathSpecifier: { case: 'prefix', value: '' } },
    action: { case: 'directResponse', value: { status: 404 } },
  };
}

function directResponse(status: number, body: string) {
  return body === ''
    ? { status }
    : { status, body: { specifier: { case: 'inlineString' as const, value: body } } };
}
