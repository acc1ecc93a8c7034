import type { KubeObject, ResourceSet } from '../../api/index.ts';
import type { Server, ServerReport } from '../../plan/index.ts';
import { embeddedObjects, type ServingPod } from './embedded.ts';
import type { ServedPort } from './gateway-service-object.ts';
import { afterEnvoys } from './other-plane.ts';
import { attempt, madeBy, type OwnedState, ownedState } from './owned-state.ts';
import { portName, servedGateways } from './served-gateways.ts';
import { assignTargetPorts } from './target-ports.ts';

export interface EmbeddedInput {
  readonly set: ResourceSet;
  readonly controllerName: string;
  /** Of the plan. */
  readonly servers: readonly Server[];
  /** What the plane says of them. */
  readonly reports: readonly ServerReport[];
  readonly pod: ServingPod;
  /** Objects of {@link ENVOY_KINDS}, whoever made them. */
  readonly envoys: readonly KubeObject[];
}

/** What Gateways are made of on the Envoy plane alone. */
export const ENVOY_KINDS = [
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Deployment',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
];

/** What all Gateways need on the embedded plane. */
export function embeddedState({
  set,
  controllerName,
  servers,
  reports,
  pod,
  envoys,
}: EmbeddedInput): OwnedState {
  const slices = set.list('EndpointSlice');
  const live = madeBy(controllerName, [...set.list('Service'), ...slices, ...envoys]);
  const targetPorts = assignTargetPorts(
    servers.map(({ name, bindPort }) => ({ key: name, current: bindPort })),
  );
  const bound = new Map(reports.map(report => [report.name, report.bound?.port]));
  const attempts = servedGateways(set, servers).map(({ gateway, spec, servers: all }) => {
    const ports: ServedPort[] = [];
    const listening = new Set<string>();
    for (const server of all) {
      const targetPort = targetPorts.get(server.name);
      if (targetPort === undefined) continue;
      const name = portName(server);
      ports.push({ name, port: server.port, targetPort });
      if (bound.get(server.name) === targetPort) listening.add(name);
    }
    return attempt(gateway, () =>
      ports.length === 0 ? [] : embeddedObjects(gateway, controllerName, spec, ports, listening, pod),
    );
  });
  const state = ownedState(set, controllerName, live, attempts);
  return { ...state, unwanted: afterEnvoys(state.unwanted, state.wanted, state.live, slices) };
}
