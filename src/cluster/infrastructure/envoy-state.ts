import type { KubeObject, ResourceSet } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import type { BootstrapOptions } from './bootstrap.ts';
import { envoyObjects } from './envoy.ts';
import { attempt, madeBy, type OwnedState, ownedState } from './owned-state.ts';
import { portName, servedGateways } from './served-gateways.ts';

export interface EnvoyInput {
  readonly set: ResourceSet;
  readonly controllerName: string;
  /** Of the plan. */
  readonly servers: readonly Server[];
  readonly bootstrap: BootstrapOptions;
  /** Objects of the kinds that Gateways are made of, whoever made them. */
  readonly live: readonly KubeObject[];
}

/** What all Gateways need on the Envoy plane. */
export function envoyState({ set, controllerName, servers, bootstrap, live }: EnvoyInput): OwnedState {
  const attempts = servedGateways(set, servers).map(({ gateway, spec, servers: all }) => {
    const ports = all.map(server => ({
      name: portName(server),
      port: server.port,
      targetPort: server.bindPort ?? server.port,
    }));
    return attempt(gateway, () => envoyObjects(gateway, controllerName, spec, ports, bootstrap));
  });
  return ownedState(set, controllerName, madeBy(controllerName, live), attempts);
}
