import type { Gateway, ResourceSet } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import { type ProxySpec, proxySpecOf } from './proxy-spec.ts';

/** A Gateway that is served, with all that decides what it is made of. */
export interface ServedGateway {
  readonly gateway: Gateway;
  readonly spec: ProxySpec;
  /** By port. */
  readonly servers: readonly Server[];
}

export function servedGateways(set: ResourceSet, servers: readonly Server[]): ServedGateway[] {
  const byGateway = Map.groupBy(servers, ({ gateway }) => `${gateway.namespace}/${gateway.name}`);
  return [...byGateway.values()].flatMap(all => {
    const { namespace, name } = all[0]!.gateway;
    const gateway = set.get('Gateway', namespace, name);
    const gatewayClass = gateway && set.get('GatewayClass', '', gateway.spec.gatewayClassName);
    if (gateway === undefined || gatewayClass === undefined) return [];
    return [{ gateway, spec: proxySpecOf(set, gateway, gatewayClass), servers: all }];
  });
}

/** `http-80` */
export function portName({ protocol, port }: Server): string {
  return `${protocol.toLowerCase()}-${port}`;
}
