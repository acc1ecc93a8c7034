import type { EndpointSlice, KubeObject, Service } from '../../api/index.ts';
import type { OwnedObject } from './owned-object.ts';

/**
 * An installation whose plane was changed finds what Gateways were made of on the other one. A part of it would go on to get
 * requests: it goes as soon as what is there instead can answer, and not before.
 */

const SERVICE_NAME = 'kubernetes.io/service-name';
const SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Who writes the slices of Services with a selector, and of `Endpoints` beside Services without one. */
const SELECTOR_SLICES = 'endpointslice-controller.k8s.io';
const MIRRORED_SLICES = 'endpointslicemirroring-controller.k8s.io';

type Json = Readonly<Record<string, unknown>>;

/**
 * On the embedded plane: Envoys with all that belonged to them, once the Gateway's own endpoint is there; and what Kubernetes
 * had written of where their Service led. Kubernetes leaves that as it is when a Service loses its selector.
 * @param unwanted of the kinds that only Envoys need, and others
 * @param live all that this controller made
 * @param slices of the cluster
 */
export function afterEnvoys(
  unwanted: readonly KubeObject[],
  wanted: readonly OwnedObject[],
  live: readonly KubeObject[],
  slices: readonly EndpointSlice[],
): KubeObject[] {
  const services = new Map(
    live.flatMap(object => (object.kind === 'Service' ? [[keyOf(object), object as Service]] : [])),
  );
  const reached = new Set(
    live.flatMap(object => {
      const { kind, endpoints } = object as { kind: string; endpoints?: readonly object[] };
      return kind === 'EndpointSlice' && (endpoints?.length ?? 0) > 0 ? ownersOf(object) : [];
    }),
  );
  const turned = wanted.flatMap(object => {
    if (object.kind !== 'Service') return [];
    const service = services.get(keyOf(object));
    // As long as it has its selector, they would be written again.
    const isTurned = service !== undefined && Object.keys(service.spec.selector ?? {}).length === 0;
    return isTurned && ownersOf(object).some(uid => reached.has(uid)) ? [keyOf(object)] : [];
  });
  const served = new Set(wanted.flatMap(ownersOf));
  return [
    ...unwanted.filter(object => {
      const owners = ownersOf(object).filter(uid => served.has(uid));
      return owners.length === 0 || owners.some(uid => reached.has(uid));
    }),
    ...slices.flatMap(slice => foreign(slice, new Set(turned))),
  ];
}

/** What keeps a slice of a Service alive that is not ours. */
function foreign(slice: EndpointSlice, services: ReadonlySet<string>): KubeObject[] {
  const { labels = {}, namespace = '' } = slice.metadata;
  const name = labels[SERVICE_NAME] ?? '';
  if (!services.has(`${namespace}/${name}`)) return [];
  switch (labels[SLICE_MANAGED_BY]) {
    case SELECTOR_SLICES:
      return [slice];
    case MIRRORED_SLICES:
      return [{ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace } }];
    default:
      return [];
  }
}

/**
 * On the Envoy plane: the endpoints that the controller has written for itself, once an Envoy of the Gateway is there.
 * @param live all that this controller made
 */
export function afterEmbedded(
  unwanted: readonly KubeObject[],
  wanted: readonly OwnedObject[],
  live: readonly KubeObject[],
): KubeObject[] {
  const served = new Set(wanted.flatMap(ownersOf));
  const reached = new Set(live.flatMap(object => (isAvailable(object) ? ownersOf(object) : [])));
  return unwanted.filter(object => {
    const owners = ownersOf(object).filter(uid => served.has(uid));
    return object.kind !== 'EndpointSlice' || owners.length === 0 || owners.some(uid => reached.has(uid));
  });
}

/** A Deployment or DaemonSet of which one Pod at least is available. */
function isAvailable({ kind, status }: KubeObject & { readonly status?: unknown }): boolean {
  const { availableReplicas, numberAvailable } = (status ?? {}) as Json;
  const count = kind === 'Deployment' ? availableReplicas : kind === 'DaemonSet' ? numberAvailable : 0;
  return typeof count === 'number' && count > 0;
}

function keyOf({ metadata }: { readonly metadata: object }): string {
  const { namespace = '', name = '' } = metadata as { readonly namespace?: string; readonly name?: string };
  return `${namespace}/${name}`;
}

/** uids of the Gateways that an object belongs to. */
export function ownersOf({ metadata }: { readonly metadata: object }): string[] {
  const { ownerReferences = [] } = metadata as {
    readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
  };
  return ownerReferences.flatMap(({ kind, uid }) => (kind === 'Gateway' ? uid : []));
}
