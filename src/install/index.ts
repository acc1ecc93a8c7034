import { accessObjects } from './access.ts';
import { deployment, disruptionBudget, namespaceObject } from './deployment.ts';
import { type InstallObject, metadata } from './install-object.ts';
import type { InstallOptions } from './install-options.ts';
import { networkPolicy, service } from './network.ts';

export { clusterRules, infrastructureRules, namespaceRules, ownRules } from './access-rules.ts';
export { defaultInstallOptions, type InstallOptions, PLANES } from './install-options.ts';

/**
 * All that has to be in a cluster for Breakwater to run there, in an order in which it can be applied. CRDs are not in it: they
 * come from the releases of those who define them. `deploy/` has what this gives by default.
 */
export function installObjects(options: InstallOptions): InstallObject[] {
  return [
    namespaceObject(options),
    ...accessObjects(options),
    service(options),
    deployment(options),
    disruptionBudget(options),
    networkPolicy(options),
    ...(options.gatewayClass === undefined ? [] : [gatewayClass(options.gatewayClass, options)]),
  ];
}

function gatewayClass(name: string, { controllerName }: InstallOptions): InstallObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: metadata(name),
    spec: { controllerName },
  };
}
