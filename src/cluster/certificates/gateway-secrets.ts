import type { Gateway, ResourceSet } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import type { Authority, CertificateTimes } from '../../tls/index.ts';
import { type GatewaySecretText, gatewaySecretText } from '../../tls/index.ts';
import { infrastructureName } from '../infrastructure/gateway-object-names.ts';
import { ownedMetadata } from '../infrastructure/owned-object.ts';
import { madeBy, type OwnedState, ownedState } from '../infrastructure/owned-state.ts';
import { decoded, encoded } from './encoding.ts';

/** What was made and may not be seen in the cluster yet, by uid of its Gateway. */
export type Issued = Map<string, GatewaySecretText>;

export interface GatewaySecretsInput {
  readonly set: ResourceSet;
  readonly controllerName: string;
  /** Of the plan. */
  readonly servers: readonly Server[];
  readonly authority: Authority;
  readonly nowMs: number;
  readonly times: CertificateTimes;
}

/**
 * The Secrets by which the Envoys of all Gateways that are served and the control plane know each other. One of a Gateway that has
 * become another controller's is to go.
 * @param issued is brought up to date
 */
export function gatewaySecrets(input: GatewaySecretsInput, issued: Issued): OwnedState {
  const { set, controllerName, servers, authority, nowMs, times } = input;
  const gateways = new Map<string, Gateway>();
  for (const { gateway } of servers) {
    const found = set.get('Gateway', gateway.namespace, gateway.name);
    if (found !== undefined) gateways.set(`${gateway.namespace}/${gateway.name}`, found);
  }
  const uids = new Set([...gateways.values()].map(({ metadata }) => metadata.uid));
  for (const uid of issued.keys()) if (!uids.has(uid)) issued.delete(uid);
  const attempts = [...gateways].map(([key, gateway]) => {
    const name = infrastructureName(gateway);
    const { namespace = '', uid = '' } = gateway.metadata;
    const live = set.get('Secret', namespace, name);
    const known = [live && decoded(live.data), issued.get(uid)].filter(text => text !== undefined);
    const text = gatewaySecretText(key, known, authority, nowMs, times);
    issued.set(uid, text);
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: ownedMetadata(gateway, controllerName, name),
      type: 'kubernetes.io/tls',
      data: encoded(text),
    };
    return { gateway, objects: [secret] };
  });
  return ownedState(set, controllerName, madeBy(controllerName, set.list('Secret')), attempts);
}
