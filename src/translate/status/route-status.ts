import type { RouteContext } from '../route/attachment.ts';
import { leftOutOf, withLeftOut } from './left-out-status.ts';
import { acceptedOnceTaken, type PlaneView } from './plane-view.ts';
import { type StatusEntry, statusEntry } from './status-entry.ts';

/** RouteStatus.parents: at most 32. */
const MAX_PARENTS = 32;

/** The parents of ours; a route without any gets no status from us. */
export function routeStatus({ route, parents }: RouteContext, view: PlaneView): StatusEntry | undefined {
  if (parents.length === 0) return undefined;
  const leftOut = leftOutOf(route, view);
  const entries = parents.slice(0, MAX_PARENTS).map(({ ref, gateway, conditions }) => ({
    controllerName: gateway.controllerName,
    parentRef: {
      group: ref.group ?? 'gateway.networking.k8s.io',
      kind: ref.kind ?? 'Gateway',
      name: ref.name,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      ...(ref.sectionName === undefined ? {} : { sectionName: ref.sectionName }),
      ...(ref.port === undefined ? {} : { port: ref.port }),
    },
    conditions: withLeftOut(
      acceptedOnceTaken(conditions, view),
      leftOut,
      'UnsupportedValue',
      route.spec.rules?.length ?? 1,
    ),
  }));
  return statusEntry(route, { parents: entries });
}
