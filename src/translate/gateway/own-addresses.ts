import { BREAKWATER, MANAGED_BY, type ResourceSet, type Service } from '../../api/index.ts';
import { canonicalAddress, isAddress, ownAddressProblem } from '../../kernel/index.ts';

/**
 * What a tenant's backends may not name on a cluster: the gateway's own Pod and machine, where admin interfaces trust whoever
 * comes, and the addresses of Gateways, where requests would go round in circles. On one machine all of it is the user's own.
 */
export class OwnAddresses {
  readonly #onCluster: boolean;
  /** Of Gateways: their Services, and the Pods behind them. */
  readonly #own: ReadonlyMap<string, string>;

  constructor(set: ResourceSet, onCluster: boolean) {
    this.#onCluster = onCluster;
    this.#own = onCluster ? gatewayAddresses(set) : new Map();
  }

  /** Why requests must not be sent there, in Envoy Gateway's words where it has some (validateBackend). */
  refusal(host: string, isName = false): string | undefined {
    if (!this.#onCluster) return undefined;
    const own = ownAddressProblem(host) ?? this.#own.get(canonicalAddress(host));
    const what = isName ? 'hostname' : 'IP address';
    if (own !== undefined) return `${what} ${host} may be the gateway itself: ${own}`;
    if (isName && isAddress(host)) return `hostname ${host} is an IP address`;
    if (isName && !host.replace(/\.$/, '').includes('.'))
      return `hostname ${host} should be a domain with at least two segments separated by dots`;
    return undefined;
  }
}

interface Addressed {
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
}

/** Of sets, which never change: each name of a tenant asks anew. */
const known = new WeakMap<ResourceSet, ReadonlyMap<string, string>>();

/** Whose an address is that is one of a Gateway's Service or Pods, as the end of a sentence; undefined: it is of none. */
export function gatewayOfAddress(set: ResourceSet, address: string): string | undefined {
  return gatewayAddresses(set).get(canonicalAddress(address));
}

function gatewayAddresses(set: ResourceSet): ReadonlyMap<string, string> {
  const found = known.get(set) ?? ownAddressesOf(set);
  known.set(set, found);
  return found;
}

function ownAddressesOf(set: ResourceSet): Map<string, string> {
  const own = new Map<string, string>();
  for (const service of set.list('Service')) {
    if (service.metadata.labels?.[MANAGED_BY] !== BREAKWATER) continue;
    const { namespace, name } = service.metadata;
    const why = `it is of Service ${namespace}/${name}, of a Gateway`;
    for (const address of addressesOf(service)) own.set(canonicalAddress(address), why);
    const host = `${name}.${namespace}`;
    for (const form of [host, `${host}.svc`, `${host}.svc.cluster.local`]) own.set(form, why);
  }
  for (const { metadata, status } of set.list('Pod')) {
    if (metadata.labels?.[MANAGED_BY] !== BREAKWATER || status?.podIP === undefined) continue;
    own.set(
      canonicalAddress(status.podIP),
      `it is of Pod ${metadata.namespace}/${metadata.name}, of a Gateway`,
    );
  }
  return own;
}

function addressesOf({ spec, status }: Service): string[] {
  const { clusterIP, clusterIPs = [], externalIPs = [] } = spec as Addressed;
  const { ingress = [] } =
    (status as { loadBalancer?: { ingress?: readonly { ip?: string; hostname?: string }[] } } | undefined)
      ?.loadBalancer ?? {};
  const all = [
    clusterIP,
    ...clusterIPs,
    ...externalIPs,
    ...ingress.flatMap(({ ip, hostname }) => [ip, hostname]),
  ];
  return all.filter(address => address !== undefined && address !== '' && address !== 'None') as string[];
}
