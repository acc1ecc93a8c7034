import type { Part, Plan, Route, Server } from '../../plan/index.ts';
import { listenerName, routeConfigurationName } from '../resources/resource-names.ts';
import { secretName, trustName } from '../resources/secrets.ts';
import type { Rejection } from '../xds/stream-core.ts';
import { mentions } from '../xds/type-state.ts';

/** The parts of a plan that a refused resource was made of. */
export interface Suspects {
  readonly parts: readonly Part[];
  /** Each of them is to blame: Envoy has named it, or was told it alone. Else one of them at least is. */
  readonly certain: boolean;
}

export function suspectsOf(plan: Plan, { type, name, message }: Rejection): Suspects {
  const certain = mentions(message, name);
  switch (type) {
    case 'cluster':
    case 'endpoints':
      return { parts: plan.clusters.filter(cluster => cluster.name === name), certain };
    case 'secret':
      return { parts: plan.servers.flatMap(server => holders(server, name)), certain: true };
    case 'listener': {
      const server = plan.servers.find(each => listenerName(each) === name);
      if (server === undefined) return { parts: [], certain };
      // Of HTTPS each listener has a filter chain of its own, with its certificates.
      if (server.protocol !== 'HTTPS') return { parts: [server], certain };
      return { parts: server.listeners, certain: certain && server.listeners.length === 1 };
    }
    case 'route':
      return { parts: plan.servers.flatMap(server => routesOf(server, name)), certain: false };
  }
}

function holders(server: Server, name: string): Part[] {
  if (trustName(server) === name) return [server];
  return server.listeners.filter(listener =>
    listener.certificates.some((_, index) => secretName(server, listener, index) === name),
  );
}

function routesOf(server: Server, name: string): Route[] {
  const shared = server.protocol === 'HTTP' && routeConfigurationName(server, undefined) === name;
  return server.listeners
    .filter(listener => shared || routeConfigurationName(server, listener) === name)
    .flatMap(({ virtualHosts }) => virtualHosts.flatMap(({ routes }) => routes));
}
