import { isIPv4, isIPv6 } from 'node:net';
import type { Node } from '../../api/index.ts';

/** Where a Node is reached, by family. */
export interface NodeAddresses {
  readonly IPv4: readonly string[];
  readonly IPv6: readonly string[];
}

/** By name: the external addresses of each Node; the internal ones where it has none (Envoy Gateway, kubernetesProviderStore.addNode). */
export function nodeAddresses(nodes: readonly Node[]): Map<string, NodeAddresses> {
  return new Map(nodes.map(node => [node.metadata.name, addressesOf(node)]));
}

function addressesOf({ status }: Node): NodeAddresses {
  const { addresses = [] } = status ?? {};
  const of = (type: string) => addresses.filter(each => each.type === type).map(({ address }) => address);
  const external = of('ExternalIP');
  const known = external.length > 0 ? external : of('InternalIP');
  return { IPv4: known.filter(isIPv4), IPv6: known.filter(isIPv6) };
}
