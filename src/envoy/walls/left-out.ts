import type { LeftOut, ObjectRef, Plan } from '../../plan/index.ts';
import type { Part } from './reduced-plan.ts';

/** Envoy may print what it refuses: a whole cluster, a whole certificate. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/** Whose parts of a plan are not served, for their statuses: of a cluster the routes to it, and the policy on it. */
export function leftOutOf(plan: Plan, parts: Iterable<readonly [Part, string]>): LeftOut[] {
  const found = new Map<string, LeftOut>();
  const add = (source: ObjectRef, message: string, rule?: number) => {
    const cut = message.slice(0, MAX_MESSAGE_CHARACTERS);
    const each = { source, message: cut, ...(rule === undefined ? {} : { rule }) };
    found.set(JSON.stringify(each), each);
  };
  const limits = new Map(plan.limits.map(limit => [limit.name, limit]));
  for (const [part, message] of parts) {
    if ('match' in part) add(part.source, message, part.ruleIndex);
    else if ('gateway' in part) add(part.gateway, message);
    else if ('virtualHosts' in part) {
      const owner = plan.servers.find(({ listeners }) => listeners.includes(part));
      if (owner !== undefined) add(owner.gateway, `listener ${part.name}: ${message}`);
    } else {
      const policy = limits.get(part.limit)?.policy;
      if (policy !== undefined) add(policy, message);
      for (const { source, ruleIndex } of routesTo(plan, part.name)) add(source, message, ruleIndex);
    }
  }
  return [...found.values()];
}

function* routesTo({ servers }: Plan, cluster: string) {
  for (const { listeners } of servers)
    for (const { virtualHosts } of listeners)
      for (const { routes } of virtualHosts)
        for (const route of routes) {
          const { action } = route;
          if (action.kind !== 'forward') continue;
          if (action.backends.some(({ target }) => target.kind === 'cluster' && target.cluster === cluster))
            yield route;
        }
}

/** Servers without a listening socket, as they or all of their listeners are refused: by name, with Envoy's words. */
export function refusedServers(plan: Plan, out: ReadonlyMap<Part, string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const server of plan.servers) {
    const own = out.get(server);
    const [first] = server.listeners;
    const all = first !== undefined && server.listeners.every(listener => out.has(listener));
    const why = own ?? (all ? out.get(first) : undefined);
    if (why !== undefined) found.set(server.name, why.slice(0, MAX_MESSAGE_CHARACTERS));
  }
  return found;
}
