import { isIPv6 } from 'node:net';
import type { Gateway } from '../../api/index.ts';
import { infrastructureName } from './gateway-object-names.ts';
import { gatewayService, type ServedPort } from './gateway-service-object.ts';
import { type OwnedObject, ownedMetadata } from './owned-object.ts';
import { kubernetesOf, type ProxySpec } from './proxy-spec.ts';

/** The Pod that carries the bytes of all Gateways. */
export interface ServingPod {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  /** The Node of the Pod: traffic of policy Local goes there. */
  readonly nodeName?: string | undefined;
}

/**
 * What a Gateway is on the embedded plane: a Service without a selector, and its endpoint. Of an EnvoyProxy the Service's part acts.
 * @param ports those of the Service
 * @param bound names of those that the Pod listens on
 */
export function embeddedObjects(
  gateway: Gateway,
  controllerName: string,
  spec: ProxySpec,
  ports: readonly ServedPort[],
  bound: ReadonlySet<string>,
  pod: ServingPod,
): OwnedObject[] {
  const { envoyService = {} } = kubernetesOf(spec);
  const service = gatewayService(gateway, controllerName, envoyService, spec.ipFamily, ports, undefined);
  return [service, endpointSlice(gateway, controllerName, service.metadata.name, ports, bound, pod)];
}

/** discovery.k8s.io/v1: found by its Service's name; whoever else writes slices leaves this one alone, by its label. */
function endpointSlice(
  gateway: Gateway,
  controllerName: string,
  service: string,
  ports: readonly ServedPort[],
  bound: ReadonlySet<string>,
  { name, namespace, ip, nodeName }: ServingPod,
): OwnedObject {
  const labels = {
    'kubernetes.io/service-name': service,
    'endpointslice.kubernetes.io/managed-by': 'breakwater',
  };
  const reached = ports.filter(port => bound.has(port.name));
  const endpoint = {
    addresses: [ip],
    conditions: { ready: true, serving: true, terminating: false },
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace, name },
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: ownedMetadata(gateway, controllerName, infrastructureName(gateway), { labels }),
    addressType: isIPv6(ip) ? 'IPv6' : 'IPv4',
    endpoints: reached.length === 0 ? [] : [endpoint],
    ports: reached.map(port => ({ name: port.name, port: port.targetPort, protocol: 'TCP' })),
  };
}
