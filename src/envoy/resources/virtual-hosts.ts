import type { Listener, Route, Server } from '../../plan/index.ts';
import { virtualHostName } from './names.ts';

export interface DomainRoutes {
  readonly name: string;
  /** `foo.example.com`, `*.example.com` or `*`. */
  readonly domain: string;
  readonly routes: readonly Route[];
}

/**
 * The virtual hosts of all listeners of a server in one list. Envoy looks for the most specific domain among all of
 * them, while a request belongs to the most specific *listener* first (Gateway API, listener isolation). So a domain is
 * left out where a more specific listener owns it, and each listener's own host name is there, without routes if need
 * be, so that what is its own never falls through to another.
 */
export function virtualHosts(server: Server, listeners: readonly Listener[]): DomainRoutes[] {
  const byDomain = new Map<string, DomainRoutes>();
  for (const listener of listeners) {
    for (const { domain, routes } of listener.virtualHosts) {
      if (ownerOf(domain, listeners) !== listener) continue;
      byDomain.set(domain, { name: virtualHostName(server, listener, domain), domain, routes });
    }
  }
  for (const listener of listeners) {
    const domain = listener.hostname ?? '*';
    if (byDomain.has(domain)) continue;
    byDomain.set(domain, { name: virtualHostName(server, listener, domain), domain, routes: [] });
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
