import type { ResourceSet } from '../../api/index.ts';
import type { Ownership } from './shared-entries.ts';

/**
 * Who the controller of each Gateway is, by its class.
 * @param contested names of classes that another controller of the same name writes the statuses of
 */
export function ownershipOf(
  set: ResourceSet,
  controllerNames: readonly string[],
  contested: ReadonlySet<string> = new Set(),
): Ownership {
  return {
    controllerNames,
    contested,
    gatewayOwner(namespace, name) {
      const gateway = set.get('Gateway', namespace, name);
      if (gateway === undefined) return 'nobody';
      const gatewayClass = set.get('GatewayClass', '', gateway.spec.gatewayClassName);
      return gatewayClass !== undefined && controllerNames.includes(gatewayClass.spec.controllerName)
        ? 'us'
        : 'other';
    },
    isContested(kind, namespace, name) {
      if (contested.size === 0) return false;
      if (kind === 'GatewayClass') return contested.has(name);
      const parent =
        kind === 'ListenerSet' ? set.get('ListenerSet', namespace, name)?.spec.parentRef : undefined;
      if (kind !== 'Gateway' && parent === undefined) return false;
      const gateway = set.get('Gateway', parent?.namespace ?? namespace, parent?.name ?? name);
      return gateway !== undefined && contested.has(gateway.spec.gatewayClassName);
    },
  };
}
