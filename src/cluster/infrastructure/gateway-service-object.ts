import type { Gateway } from '../../api/index.ts';
import { infrastructureName } from './gateway-object-names.ts';
import { patched } from './merge.ts';
import { type OwnedObject, ownedMetadata } from './owned-object.ts';
import type { ServiceSpec } from './proxy-spec.ts';

/** A port of a Gateway, and where it leads. */
export interface ServedPort {
  /** Of the Service and its endpoints: `http-80`. */
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/**
 * The Service of a Gateway (Envoy Gateway, ResourceRender.Service).
 * @param config of its EnvoyProxy
 * @param selector of the Pods that it leads to; undefined: its endpoints are written beside it
 */
export function gatewayService(
  gateway: Gateway,
  controllerName: string,
  config: ServiceSpec,
  ipFamily: 'IPv4' | 'IPv6' | 'DualStack' | undefined,
  ports: readonly ServedPort[],
  selector: Readonly<Record<string, string>> | undefined,
): OwnedObject {
  const { type = 'LoadBalancer', name = infrastructureName(gateway), labels = {}, annotations = {} } = config;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(gateway, controllerName, name, { labels, annotations }),
    spec: {
      type,
      sessionAffinity: 'None',
      ...trafficOf(type, config),
      ...familiesOf(ipFamily),
      ...requestedAddresses(gateway, type),
      ...(selector === undefined ? {} : { selector }),
      ports: ports.map(each => ({ ...each, protocol: 'TCP' })),
    },
  };
  return patched(service, config.patch);
}

/** Kubernetes refuses of each type the fields of the others. */
function trafficOf(type: string, config: ServiceSpec): object {
  if (type === 'ClusterIP') return {};
  const { externalTrafficPolicy = 'Local' } = config;
  if (type !== 'LoadBalancer') return { externalTrafficPolicy };
  const { loadBalancerClass, allocateLoadBalancerNodePorts, loadBalancerSourceRanges, loadBalancerIP } =
    config;
  return {
    externalTrafficPolicy,
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
    ...(allocateLoadBalancerNodePorts === undefined ? {} : { allocateLoadBalancerNodePorts }),
    ...(loadBalancerSourceRanges === undefined ? {} : { loadBalancerSourceRanges }),
    ...(loadBalancerIP === undefined ? {} : { loadBalancerIP }),
  };
}

function familiesOf(ipFamily: 'IPv4' | 'IPv6' | 'DualStack' | undefined): object {
  switch (ipFamily) {
    case 'IPv6':
      return { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' };
    case 'DualStack':
      return { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' };
    default:
      return {};
  }
}

/** A Service has one cluster IP of each family: of `spec.addresses`, the first. */
function requestedAddresses({ spec }: Gateway, type: string): object {
  const { addresses = [] } = spec;
  const ips = addresses.flatMap(({ type = 'IPAddress', value }) => (type === 'IPAddress' && value) || []);
  if (ips.length === 0) return {};
  return type === 'ClusterIP' ? { clusterIP: ips[0], clusterIPs: [ips[0]] } : { externalIPs: ips };
}
