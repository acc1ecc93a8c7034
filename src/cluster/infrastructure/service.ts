import type { Gateway } from '../../api/index.ts';
import { infrastructureName } from './names.ts';
import { type OwnedObject, ownedMetadata } from './object.ts';

/** A port of a Gateway, and where it leads. */
export interface ServedPort {
  /** Of the Service and its endpoints: `http-80`. */
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/** EnvoyProxy, `spec.provider.kubernetes.envoyService`, with its defaults. */
export interface ServiceConfig {
  readonly type: 'ClusterIP' | 'LoadBalancer' | 'NodePort';
  readonly externalTrafficPolicy: 'Local' | 'Cluster';
}

export const DEFAULT_SERVICE: ServiceConfig = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };

/**
 * The Service of a Gateway (Envoy Gateway, ResourceRender.Service).
 * @param selector of the Pods that it leads to; undefined: its endpoints are written beside it
 */
export function gatewayService(
  gateway: Gateway,
  controllerName: string,
  config: ServiceConfig,
  ports: readonly ServedPort[],
  selector: Readonly<Record<string, string>> | undefined,
): OwnedObject {
  const { type, externalTrafficPolicy } = config;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(gateway, controllerName, infrastructureName(gateway)),
    spec: {
      type,
      ...(type === 'ClusterIP' ? {} : { externalTrafficPolicy }),
      sessionAffinity: 'None',
      ...requestedAddresses(gateway, type),
      ...(selector === undefined ? {} : { selector }),
      ports: ports.map(each => ({ ...each, protocol: 'TCP' })),
    },
  };
}

/** A Service has one cluster IP of each family: of `spec.addresses`, the first. */
function requestedAddresses({ spec }: Gateway, type: ServiceConfig['type']): object {
  const { addresses = [] } = spec;
  const ips = addresses.flatMap(({ type = 'IPAddress', value }) => (type === 'IPAddress' && value) || []);
  if (ips.length === 0) return {};
  return type === 'ClusterIP' ? { clusterIP: ips[0], clusterIPs: [ips[0]] } : { externalIPs: ips };
}
