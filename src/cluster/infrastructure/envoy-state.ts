import type { KubeObject, ResourceSet } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import { envoyObjects } from './envoy.ts';
import type { BootstrapOptions } from './gateway-bootstrap.ts';
import { afterEmbedded } from './other-plane.ts';
import { type Attempt, attempt, madeBy, type OwnedState, ownedState } from './owned-state.ts';
import { portName, servedGateways } from './served-gateways.ts';

export interface EnvoyInput {
  readonly set: ResourceSet;
  readonly controllerName: string;
  /** Of the plan. */
  readonly servers: readonly Server[];
  readonly bootstrap: BootstrapOptions;
}

/** What all Gateways need on the Envoy plane, and what cannot be. */
export function envoyAttempts({ set, controllerName, servers, bootstrap }: EnvoyInput): Attempt[] {
  return servedGateways(set, servers).map(({ gateway, spec, servers: all }) => {
    const ports = all.map(server => ({
      name: portName(server),
      port: server.port,
      targetPort: server.bindPort ?? server.port,
    }));
    return attempt(gateway, () => envoyObjects(gateway, controllerName, spec, ports, bootstrap));
  });
}

/** @param live objects of the kinds that Gateways are made of, whoever made them */
export function envoyState(
  set: ResourceSet,
  controllerName: string,
  attempts: readonly Attempt[],
  live: readonly KubeObject[],
): OwnedState {
  const state = ownedState(set, controllerName, madeBy(controllerName, live), attempts);
  return { ...state, unwanted: afterEmbedded(state.unwanted, state.wanted, state.live) };
}
