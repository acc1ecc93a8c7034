import { BREAKWATER, type Gateway, MANAGED_BY, type ResourceSet, type Service } from '../api/index.ts';
import type { Address } from './gateway-addresses.ts';
import { SERVICE_NAME_LABEL } from './service-endpoints.ts';

/** The Services that carry the traffic of Gateways, by Gateway. */
export class GatewayServices {
  /** By the Gateway's uid. */
  readonly #byGateway = new Map<string, Service>();

  /** `NAMESPACE/NAME` of those that lead somewhere. */
  readonly #reached: ReadonlySet<string>;

  constructor(set: ResourceSet) {
    this.#reached = new Set(
      set
        .list('EndpointSlice')
        .filter(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready !== false))
        .map(({ metadata }) => `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL]}`),
    );
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
    return (
      service !== undefined && this.#reached.has(`${service.metadata.namespace}/${service.metadata.name}`)
    );
  }

  /** Where clients reach the Gateway; none until there is a Service that has any. */
  addresses(gateway: Gateway): Address[] {
    const service = this.of(gateway);
    return service === undefined ? [] : addressesOf(service, gateway);
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

function isOlder(service: Service, than: Service | undefined): boolean {
  return (service.metadata.creationTimestamp ?? '') < (than?.metadata.creationTimestamp ?? '');
}

interface LoadBalancerStatus {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
  };
}

/** Where clients reach a Service (Envoy Gateway, UpdateGatewayStatusProgrammedCondition). */
function addressesOf(service: Service, { spec }: Gateway): Address[] {
  const { externalIPs = [], clusterIPs = [] } = service.spec as {
    readonly externalIPs?: readonly string[];
    readonly clusterIPs?: readonly string[];
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
    default:
      return ips(own);
  }
}

function ips(values: readonly string[]): Address[] {
  return values.map(value => ({ type: 'IPAddress', value }));
}
