import type { HostTable } from './host-table.ts';

/**
 * Whether a TLS client asks for a host that belongs to another listener than the one it named in its handshake: with the
 * certificate of one it must not reach the routes of the other (Gateway API, GEP-3567; RFC 9110 section 15.5.20).
 */
export function isMisdirected(hosts: HostTable, serverName: string, authority: string): boolean {
  const host = authority.toLowerCase().replace(/:[0-9]+$/, '');
  return host !== serverName && hosts.listener(host) !== hosts.listener(serverName);
}
