import type { Cluster } from './cluster.ts';
import type { Listener, Server } from './listener.ts';
import type { ObjectRef } from './object-ref.ts';
import type { LeftOut, Plan, PlaneReport, ServerReport } from './plan.ts';
import type { Route } from './route.ts';

/** What of a plan can be left out by itself: by identity, as parts of plans never change. */
export type Part = Cluster | Listener | Route | Server;

/** A part that is left out, and the plane's words; `unmatched`: of a route, see {@link LeftOut.unmatched}. */
export type LeftOutPart = readonly [part: Part, message: string, requests?: 'unmatched' | undefined];

/** A plane may print what it refuses: a whole cluster, a whole certificate. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/** Whose parts of a plan are not served, for their statuses: of a cluster the routes to it, and the policy on it. */
export function leftOutOf(plan: Plan, parts: Iterable<LeftOutPart>): LeftOut[] {
  const found = new Map<string, LeftOut>();
  const add = (source: ObjectRef, message: string, where: Omit<LeftOut, 'source' | 'message'> = {}) => {
    const each = { source, message: message.slice(0, MAX_MESSAGE_CHARACTERS), ...where };
    found.set(JSON.stringify(each), each);
  };
  let routes: ReadonlyMap<string, readonly Route[]> | undefined;
  const limits = new Map(plan.limits.map(limit => [limit.name, limit]));
  for (const [part, message, requests] of parts) {
    if ('match' in part)
      add(part.source, message, {
        rule: part.ruleIndex,
        ...(requests === 'unmatched' && { unmatched: true }),
      });
    else if ('gateway' in part)
      for (const listener of part.listeners) add(part.gateway, message, { listener: listener.name });
    else if ('virtualHosts' in part) {
      const owner = plan.servers.find(({ listeners }) => listeners.includes(part));
      if (owner !== undefined) add(owner.gateway, message, { listener: part.name });
    } else {
      const policy = limits.get(part.limit)?.policy;
      if (policy !== undefined) add(policy, message);
      routes ??= routesByCluster(plan);
      for (const { source, ruleIndex } of routes.get(part.name) ?? [])
        add(source, message, { rule: ruleIndex });
    }
  }
  return [...found.values()];
}

/** By the clusters that they forward to. */
export function routesByCluster({ servers }: Plan): ReadonlyMap<string, readonly Route[]> {
  const found = new Map<string, Route[]>();
  for (const { listeners } of servers)
    for (const { virtualHosts } of listeners)
      for (const { routes } of virtualHosts)
        for (const route of routes) {
          const { action } = route;
          if (action.kind !== 'forward') continue;
          for (const { target } of action.backends) {
            if (target.kind !== 'cluster') continue;
            const others = found.get(target.cluster);
            if (others === undefined) found.set(target.cluster, [route]);
            else others.push(route);
          }
        }
  return found;
}

/** What a plane says of a plan of which it leaves something out. @param servers where they listen */
export function reportOf(
  plan: Plan,
  servers: readonly ServerReport[],
  leftOut: readonly LeftOut[],
): PlaneReport {
  const { version } = plan;
  if (leftOut.length === 0) return { version, servers };
  const refused = refusedServers(plan, leftOut);
  const served = servers.map(server => {
    const error = refused.get(server.name);
    return error === undefined ? server : { name: server.name, error };
  });
  return { version, servers: served, leftOut };
}

/** Servers without a listening socket, as all of their listeners are left out: by name, with the plane's words. */
export function refusedServers(plan: Plan, leftOut: readonly LeftOut[]): Map<string, string> {
  const listeners = new Map(
    leftOut.flatMap(({ source, listener, message }) =>
      listener === undefined ? [] : [[`${source.namespace}/${source.name} ${listener}`, message] as const],
    ),
  );
  const found = new Map<string, string>();
  if (listeners.size === 0) return found;
  for (const server of plan.servers) {
    const { namespace, name } = server.gateway;
    const words = server.listeners.map(each => listeners.get(`${namespace}/${name} ${each.name}`));
    const [first] = words;
    if (first !== undefined && !words.includes(undefined)) found.set(server.name, first);
  }
  return found;
}
