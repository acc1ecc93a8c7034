import type { GatewayClass, ResourceSet } from '../../api/index.ts';
import { BREAKWATER } from '../../api/index.ts';
import { madeBy, ownersOf } from '../../cluster/infrastructure/index.ts';

/** Envoy Gateway's default, and the seat of another name (EnvoyGateway of config.gateway.envoyproxy.io/v1alpha1). */
const DEFAULT_NAME = 'gateway.envoyproxy.io/gatewayclass-controller';
const CONFIG = 'envoy-gateway-config';

/** A GatewayClass that another controller answers for as well. */
export interface Contested {
  readonly gatewayClass: GatewayClass;
  /** The other controller's Deployment: `NAMESPACE/NAME`. */
  readonly by: string;
  /** Gateways of it have what they are made of from this controller: they are served on, or their clients would find nobody. */
  readonly isServed: boolean;
}

/**
 * GatewayClasses of ours that an installed Envoy Gateway takes for its own: both would write the same statuses and make two of
 * everything. A Deployment alone, which any tenant can make, takes no class away that this controller alone has accepted.
 * @param statusManagers who has written the status of a class (managedFields), by its name
 */
export function contestedClasses(
  set: ResourceSet,
  controllerName: string,
  statusManagers: (className: string) => readonly string[],
): Contested[] {
  const by = otherController(set, controllerName);
  if (by === undefined) return [];
  return set.list('GatewayClass').flatMap(gatewayClass => {
    if (gatewayClass.spec.controllerName !== controllerName) return [];
    const managers = statusManagers(gatewayClass.metadata.name);
    const isOurs = managers.length > 0 && managers.every(manager => manager === BREAKWATER);
    if (isOurs) return [];
    return [{ gatewayClass, by, isServed: isServed(set, controllerName, gatewayClass.metadata.name) }];
  });
}

/** Whether there is anything that this controller has made for a Gateway of the class, on either plane. */
function isServed(set: ResourceSet, controllerName: string, className: string): boolean {
  const owners = new Set(madeBy(controllerName, set.list('Service')).flatMap(ownersOf));
  return set
    .list('Gateway')
    .some(({ metadata, spec }) => spec.gatewayClassName === className && owners.has(metadata.uid ?? ''));
}

/** An Envoy Gateway that is to run, with this controllerName. */
function otherController(set: ResourceSet, controllerName: string): string | undefined {
  for (const { metadata, spec } of set.list('Deployment')) {
    if (metadata.labels?.['control-plane'] !== 'envoy-gateway' || spec.replicas === 0) continue;
    const { namespace = '', name } = metadata;
    if (nameIn(set, namespace) === controllerName) return `${namespace}/${name}`;
  }
  return undefined;
}

function nameIn(set: ResourceSet, namespace: string): string {
  const text = set.get('ConfigMap', namespace, CONFIG)?.data?.['envoy-gateway.yaml'] ?? '';
  return /^\s*"?controllerName"?\s*:\s*["']?([^\s"'#]+)/m.exec(text.slice(0, 65_536))?.[1] ?? DEFAULT_NAME;
}
