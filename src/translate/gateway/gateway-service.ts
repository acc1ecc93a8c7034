import {
  BREAKWATER,
  type Gateway,
  MANAGED_BY,
  type ResourceSet,
  SERVICE_NAME_LABEL,
  type Service,
} from '../../api/index.ts';
import type { Address } from './gateway-addresses.ts';
import { type NodeAddresses, nodeAddresses } from './node-addresses.ts';

/** The Services that carry the traffic of Gateways, by Gateway. */
export class GatewayServices {
  /** By the Gateway's uid. */
  readonly #byGateway = new Map<string, Service>();

  /** By `NAMESPACE/NAME`, those that lead somewhere: to which Nodes, as far as their endpoints say that. */
  readonly #reached = new Map<string, Set<string>>();

  readonly #nodes: () => ReadonlyMap<string, NodeAddresses>;

  constructor(set: ResourceSet) {
    let nodes: ReadonlyMap<string, NodeAddresses> | undefined;
    this.#nodes = () => (nodes ??= nodeAddresses(set.list('Node')));
    for (const { metadata, endpoints = [] } of set.list('EndpointSlice')) {
      const key = `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL]}`;
      for (const { conditions, nodeName } of endpoints) {
        if (conditions?.ready === false) continue;
        const on = this.#reached.get(key) ?? new Set();
        this.#reached.set(key, nodeName === undefined ? on : on.add(nodeName));
      }
    }
    for (const service of set.list('Service')) {
      const { labels, deletionTimestamp } = service.metadata;
      const { ownerReferences = [] } = service.metadata as {
        readonly ownerReferences?: readonly OwnerReference[];
      };
      if (labels?.[MANAGED_BY] !== BREAKWATER || deletionTimestamp !== undefined) continue;
      for (const { kind, uid } of ownerReferences) {
        // With another name, the new one is there before the old one goes.
        if (kind === 'Gateway' && !isOlder(service, this.#byGateway.get(uid)))
          this.#byGateway.set(uid, service);
      }
    }
  }

  of({ metadata }: Gateway): Service | undefined {
    return metadata.uid === undefined ? undefined : this.#byGateway.get(metadata.uid);
  }

  /** Does its Service lead to Pods that are ready? */
  isReached(gateway: Gateway): boolean {
    const service = this.of(gateway);
    return service !== undefined && this.#reached.has(keyOf(service));
  }

  /** Where clients reach the Gateway; none until there is a Service that has any. */
  addresses(gateway: Gateway): Address[] {
    const service = this.of(gateway);
    return service === undefined ? [] : addressesOf(service, gateway, () => this.#nodesOf(service));
  }

  /** Of policy Local, the Nodes that have something ready (Envoy Gateway, nodeAddressesForGateway). */
  #nodesOf(service: Service): NodeAddresses[] {
    const nodes = this.#nodes();
    if (service.spec['externalTrafficPolicy'] !== 'Local') return [...nodes.values()];
    const on = this.#reached.get(keyOf(service)) ?? new Set();
    return [...nodes].flatMap(([name, addresses]) => (on.has(name) ? addresses : []));
  }

  /** The port of a Pod that a port of the Gateway leads to. */
  targetPort(gateway: Gateway, port: number): number | undefined {
    const ports = this.of(gateway)?.spec.ports ?? [];
    const target = ports.find(each => each.port === port && each.protocol !== 'UDP')?.targetPort;
    return typeof target === 'number' ? target : undefined;
  }
}

/** meta/v1 */
interface OwnerReference {
  readonly kind: string;
  readonly uid: string;
}

function keyOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function isOlder(service: Service, than: Service | undefined): boolean {
  return (service.metadata.creationTimestamp ?? '') < (than?.metadata.creationTimestamp ?? '');
}

interface LoadBalancerStatus {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
  };
}

/** Where clients reach a Service (Envoy Gateway, UpdateGatewayStatusProgrammedCondition). */
function addressesOf(service: Service, { spec }: Gateway, nodes: () => readonly NodeAddresses[]): Address[] {
  const {
    externalIPs = [],
    clusterIPs = [],
    ipFamilies = ['IPv4', 'IPv6'],
  } = service.spec as {
    readonly externalIPs?: readonly string[];
    readonly clusterIPs?: readonly string[];
    readonly ipFamilies?: readonly string[];
  };
  const own = clusterIPs.filter(ip => ip !== '' && ip !== 'None');
  // An address without a value is any of its type (Gateway API, GatewaySpecAddress.value).
  if (spec.addresses?.some(({ value }) => value !== undefined && value !== '') === true)
    return ips(externalIPs.length > 0 ? externalIPs : own);
  switch (service.spec.type ?? 'ClusterIP') {
    case 'LoadBalancer': {
      const { ingress = [] } = (service.status as LoadBalancerStatus | undefined)?.loadBalancer ?? {};
      const addresses = [
        ...ips(ingress.flatMap(({ ip }) => ip || [])),
        ...ingress.flatMap(({ ip, hostname }) =>
          !ip && hostname ? [{ type: 'Hostname', value: hostname }] : [],
        ),
      ];
      // Without a load balancer, on bare metal.
      return addresses.length > 0 ? addresses : ips(externalIPs);
    }
    case 'NodePort':
      return (['IPv4', 'IPv6'] as const)
        .filter(family => ipFamilies.includes(family))
        .flatMap(family => nodes().flatMap(node => ips(node[family])));
    default:
      return ips(own);
  }
}

function ips(values: readonly string[]): Address[] {
  return values.map(value => ({ type: 'IPAddress', value }));
}
