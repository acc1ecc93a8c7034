import type { Part, Plan, Route } from '../../plan/index.ts';
import type { Snapshot } from '../xds/snapshot.ts';

/**
 * What of a plan cannot be written as a message at all, each part alone: a number that its field cannot hold, text that is
 * not Unicode. Only where the whole could not be.
 * @param make throws where something cannot be written
 */
export function unbuildable(plan: Plan, make: (plan: Plan) => Snapshot): [Part, string][] {
  const found: [Part, string][] = [];
  const attempt = (part: Part, alone: Pick<Plan, 'servers' | 'clusters'>) => {
    try {
      make({ ...plan, ...alone });
    } catch (error) {
      found.push([part, error instanceof Error ? error.message : String(error)]);
    }
  };
  for (const cluster of plan.clusters) attempt(cluster, { servers: [], clusters: [cluster] });
  for (const server of plan.servers) {
    for (const listener of server.listeners)
      for (const { domain, routes } of listener.virtualHosts)
        for (const route of routes) {
          const alone = { ...listener, virtualHosts: [{ domain, routes: [route] as readonly Route[] }] };
          attempt(route, { servers: [{ ...server, listeners: [alone] }], clusters: [] });
        }
    const bare = server.listeners.map(listener => ({ ...listener, virtualHosts: [] }));
    attempt(server, { servers: [{ ...server, listeners: bare }], clusters: [] });
  }
  return found;
}
