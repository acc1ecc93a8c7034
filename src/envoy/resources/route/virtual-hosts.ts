import type { Listener, Route, Server } from '../../../plan/index.ts';
import { virtualHostName } from '../resource-names.ts';

/** Hosts that do not belong to the listener that a TLS client named in its handshake: 421 (Gateway API, GEP-3567). */
export const MISDIRECTED = 'misdirected';

export interface DomainRoutes {
  readonly name: string;
  /** `foo.example.com`, `*.example.com` or `*`. */
  readonly domain: string;
  readonly routes: readonly Route[] | typeof MISDIRECTED;
}

/**
 * The virtual hosts of a server in one list. Envoy looks for the most specific domain among all of them, while a request
 * belongs to the most specific *listener* first (Gateway API, listener isolation). So a domain is left out where a more
 * specific listener owns it, and each listener's own host name is there, without routes if need be, so that what is its
 * own never falls through to another.
 * @param chosen the listener that a TLS client named; undefined: nothing was chosen, all listeners share the list
 */
export function virtualHosts(server: Server, chosen: Listener | undefined): DomainRoutes[] {
  const { listeners } = server;
  const byDomain = new Map<string, DomainRoutes>();
  const add = (listener: Listener, domain: string, routes: readonly Route[]) => {
    const own = chosen === undefined || listener === chosen;
    const name = virtualHostName(server, listener, domain);
    byDomain.set(domain, { name, domain, routes: own ? routes : MISDIRECTED });
  };
  for (const listener of listeners) {
    if (chosen !== undefined && listener !== chosen) continue;
    for (const { domain, routes } of listener.virtualHosts) {
      if (ownerOf(domain, listeners) === listener) add(listener, domain, routes);
    }
  }
  for (const listener of listeners) {
    const domain = listener.hostname ?? '*';
    if (!byDomain.has(domain)) add(listener, domain, []);
  }
  if (chosen !== undefined && !byDomain.has('*')) {
    const name = virtualHostName(server, chosen, '*');
    byDomain.set('*', { name, domain: '*', routes: MISDIRECTED });
  }
  return [...byDomain.values()];
}

/** The listener that the hosts of a domain belong to: the most specific one that covers all of them. */
function ownerOf(domain: string, listeners: readonly Listener[]): Listener | undefined {
  let owner: Listener | undefined;
  for (const listener of listeners) {
    if (!covers(listener.hostname, domain)) continue;
    if (owner === undefined || specificity(listener) > specificity(owner)) owner = listener;
  }
  return owner;
}

function covers(hostname: string | undefined, domain: string): boolean {
  if (hostname === undefined || hostname === domain) return true;
  if (!hostname.startsWith('*.')) return false;
  // `*.example.com` covers `foo.example.com` and `*.foo.example.com`, not `example.com`.
  return domain.endsWith(hostname.slice(1)) && domain.length > hostname.length - 1;
}

function specificity({ hostname }: Listener): number {
  if (hostname === undefined) return 0;
  return hostname.startsWith('*.') ? hostname.length : Number.MAX_SAFE_INTEGER;
}
