import type { Listener, Server } from '../../plan/index.ts';

/** The header, and the key of dynamic metadata, by which a picker says where to send a request (Endpoint Picker Protocol). */
export const DESTINATION = 'x-gateway-destination-endpoint';
export const DESTINATION_NAMESPACE = 'envoy.lb';

/** gRPC metadata that tells our picker which cluster a request is for. */
export const CLUSTER_METADATA = 'x-breakwater-cluster';

/** The cluster that leads to our own picker. */
export const PICKER_CLUSTER = 'breakwater-picker';

/** A cluster without endpoints: Envoy answers 503 for it. Envoy Gateway's name. */
export const EMPTY_CLUSTER = 'empty-backend-cluster';

/** A cluster that never exists: Envoy answers 500 for it. Envoy Gateway's name. */
export const INVALID_CLUSTER = 'invalid-backend-cluster';

/** Envoy Gateway's: `NAMESPACE/GATEWAY/LISTENER`; of listeners that share a port, the first one's. */
export function listenerName({ gateway, listeners }: Server): string {
  return `${gateway.namespace}/${gateway.name}/${listeners[0]?.name ?? 'none'}`;
}

/** Envoy Gateway's: an HTTPS listener's own name; of HTTP listeners the one that they share. */
export function routeConfigurationName(server: Server, listener: Listener | undefined): string {
  const { gateway, protocol } = server;
  return protocol === 'HTTP' || listener === undefined
    ? listenerName(server)
    : `${gateway.namespace}/${gateway.name}/${listener.name}`;
}

/** Envoy Gateway's: the listener's name and the host with `_` for dots. */
export function virtualHostName(server: Server, listener: Listener, domain: string): string {
  const host = domain === '*' ? '*' : domain.replaceAll('.', '_');
  return `${server.gateway.namespace}/${server.gateway.name}/${listener.name}/${host}`;
}
