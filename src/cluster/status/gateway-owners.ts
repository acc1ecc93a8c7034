import type { ResourceSet } from '../../api/index.ts';
import type { Ownership } from './shared-entries.ts';

/** Who the controller of each Gateway is, by its class. */
export function ownershipOf(set: ResourceSet, controllerNames: readonly string[]): Ownership {
  return {
    controllerNames,
    gatewayOwner(namespace, name) {
      const gateway = set.get('Gateway', namespace, name);
      if (gateway === undefined) return 'nobody';
      const gatewayClass = set.get('GatewayClass', '', gateway.spec.gatewayClassName);
      return gatewayClass !== undefined && controllerNames.includes(gatewayClass.spec.controllerName)
        ? 'us'
        : 'other';
    },
  };
}
