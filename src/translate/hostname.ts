/**
 * Does the wildcard `*.example.com` cover `hostname`, which may itself be a wildcard below it?
 * It covers any number of labels, unlike RFC 2818 (Gateway API, HTTPRouteSpec.hostnames): `*.com` covers `a.example.com`.
 */
function wildcardCovers(wildcard: string, hostname: string): boolean {
  const suffix = wildcard.slice(1);
  const rest = hostname.startsWith('*') ? hostname.slice(1) : hostname;
  return rest.length > suffix.length && rest.endsWith(suffix);
}

/** What a listener's and a route's host name have in common: the more specific of the two, if one covers the other. */
function intersect(listener: string, route: string): string | undefined {
  if (listener === route) return route;
  if (route.startsWith('*') && wildcardCovers(route, listener)) return listener;
  if (listener.startsWith('*') && wildcardCovers(listener, route)) return route;
  return undefined;
}

/**
 * The domains at which a route serves on a listener; empty: nothing in common, the route does not attach.
 * (Gateway API, HTTPRouteSpec.hostnames.)
 *
 * @param isolated host names of the other listeners on the same port: what belongs to one of them is not served here
 *   (listener isolation, Listener.hostname).
 */
export function servedDomains(
  listenerHostname: string | undefined,
  routeHostnames: readonly string[],
  isolated: ReadonlySet<string>,
): string[] {
  if (routeHostnames.length === 0) return [listenerHostname ?? '*'];
  const domains = new Set<string>();
  for (const written of routeHostnames) {
    const hostname = written.toLowerCase();
    const common = listenerHostname === undefined ? hostname : intersect(listenerHostname, hostname);
    if (common !== undefined && !isolated.has(common)) domains.add(common);
  }
  return [...domains].sort();
}

/**
 * Orders domains from the most to the least specific: exact names, then wildcards by length, then `*`
 * ("the largest number of characters in a matching non-wildcard hostname", HTTPRouteSpec.hostnames); then by name.
 */
export function compareDomains(a: string, b: string): number {
  const aWild = a.startsWith('*');
  const bWild = b.startsWith('*');
  if (aWild !== bWild) return aWild ? 1 : -1;
  if (a.length !== b.length) return b.length - a.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
