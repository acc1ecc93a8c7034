import type { ResourceSet } from '../../api/index.ts';
import type { Server, ServerReport } from '../../plan/index.ts';
import { embeddedObjects, type ServingPod } from './embedded.ts';
import type { OwnedObject } from './object.ts';
import { madeBy, type OwnedState, ownedState } from './owned-state.ts';
import type { ServedPort } from './service.ts';
import { assignTargetPorts } from './target-ports.ts';

export interface EmbeddedInput {
  readonly set: ResourceSet;
  readonly controllerName: string;
  /** Of the plan. */
  readonly servers: readonly Server[];
  /** What the plane says of them. */
  readonly reports: readonly ServerReport[];
  readonly pod: ServingPod;
}

/** What all Gateways need on the embedded plane. */
export function embeddedState({ set, controllerName, servers, reports, pod }: EmbeddedInput): OwnedState {
  const live = madeBy(controllerName, [...set.list('Service'), ...set.list('EndpointSlice')]);
  const targetPorts = assignTargetPorts(
    servers.map(({ name, bindPort }) => ({ key: name, current: bindPort })),
  );
  const bound = new Map(reports.map(report => [report.name, report.bound?.port]));
  const wanted: OwnedObject[] = [];
  for (const [, all] of Map.groupBy(servers, ({ gateway }) => `${gateway.namespace}/${gateway.name}`)) {
    const { namespace, name } = all[0]!.gateway;
    const gateway = set.get('Gateway', namespace, name);
    if (gateway === undefined) continue;
    const ports: ServedPort[] = [];
    const listening = new Set<string>();
    for (const { name: server, port, protocol } of all) {
      const targetPort = targetPorts.get(server);
      if (targetPort === undefined) continue;
      const name = `${protocol.toLowerCase()}-${port}`;
      ports.push({ name, port, targetPort });
      if (bound.get(server) === targetPort) listening.add(name);
    }
    if (ports.length > 0) wanted.push(...embeddedObjects(gateway, controllerName, ports, listening, pod));
  }
  return ownedState(set, controllerName, live, wanted);
}
