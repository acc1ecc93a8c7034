import type { Namespace, ReferenceGrant, ResourceSet } from '../api/index.ts';
import type { PlaneKind } from '../plan/index.ts';
import { Problems } from './problem.ts';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
export const ENVOY_GATEWAY_GROUP = 'gateway.envoyproxy.io';

/** What every step of a translation may look at, and the one thing that it writes to: the problems. */
export interface Context {
  readonly set: ResourceSet;
  readonly controllerNames: ReadonlySet<string>;
  /** What the plan is for; undefined: nothing serves it. */
  readonly plane: PlaneKind | undefined;
  readonly grants: readonly ReferenceGrant[];
  readonly problems: Problems;
}

export function createContext(
  set: ResourceSet,
  { controllerNames, plane }: { readonly controllerNames: readonly string[]; readonly plane?: PlaneKind },
): Context {
  return {
    set,
    plane,
    controllerNames: new Set(controllerNames),
    grants: set.list('ReferenceGrant'),
    problems: new Problems(),
  };
}

/**
 * The labels of a namespace. One that no manifest describes has the label that Kubernetes gives to every namespace.
 */
export function namespaceLabels({ set }: Context, name: string): Readonly<Record<string, string>> {
  const namespace: Namespace | undefined = set.get('Namespace', '', name);
  return { 'kubernetes.io/metadata.name': name, ...namespace?.metadata.labels };
}
