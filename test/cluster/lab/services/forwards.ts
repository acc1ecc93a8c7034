import type { Range } from '../pods/range.ts';
import { endpointsOf, type Slices } from './endpoints.ts';
import { addressOf } from './load-balancers.ts';
import type { LabService } from './service.ts';
import type { Endpoint } from './tcp-forwarder.ts';

export interface Forward {
  readonly at: Endpoint;
  readonly to: readonly Endpoint[];
}

export interface ForwardRules {
  /** Where `spec.externalIPs` may be. */
  readonly loadBalancers: Range;
  /** Of the Node, for NodePorts. */
  readonly nodeAddress: string;
  /** What stands behind default/kubernetes: nobody writes its EndpointSlice. */
  readonly apiServer: Endpoint;
}

/** Every address and port that Services have, as kube-proxy would answer it. TCP. */
export function forwardsOf(services: readonly LabService[], slices: Slices, rules: ForwardRules): Forward[] {
  return services.flatMap(service => {
    const { ports = [], externalIPs = [], clusterIPs = [] } = service.spec;
    const balancer = addressOf(service);
    const addresses = [
      ...clusterIPs.filter(address => address !== 'None'),
      ...externalIPs.filter(address => rules.loadBalancers.includes(address)),
      ...(balancer === undefined ? [] : [balancer]),
    ];
    return ports
      .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
      .flatMap(({ name = '', port, nodePort }) => {
        const to = isApiServer(service) ? [rules.apiServer] : endpointsOf(service, name, slices);
        const at = addresses.map(address => ({ address, port }));
        if (nodePort !== undefined) at.push({ address: rules.nodeAddress, port: nodePort });
        return at.map(each => ({ at: each, to }));
      });
  });
}

function isApiServer({ metadata }: LabService): boolean {
  return metadata.namespace === 'default' && metadata.name === 'kubernetes';
}
