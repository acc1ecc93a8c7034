import type { ResourceSet } from '../../api/index.ts';
import { madeBy } from '../../cluster/infrastructure/index.ts';
import type { OwnPod } from './own-pod.ts';

interface Endpoint {
  readonly addresses: readonly string[];
  readonly targetRef?: { readonly name?: string };
}

/**
 * The address of the Pod that all Services of Gateways lead to, once that is another than this one: who follows it.
 * @param pod this one
 */
export function successorIn(
  set: ResourceSet,
  controllerName: string,
  pod: Pick<OwnPod, 'name'>,
): string | undefined {
  const endpoints = madeBy(controllerName, set.list('EndpointSlice')).flatMap(
    slice => (slice as { readonly endpoints?: readonly Endpoint[] }).endpoints ?? [],
  );
  const address = endpoints[0]?.addresses[0];
  const isFollowed = endpoints.every(
    ({ addresses, targetRef }) => addresses[0] === address && targetRef?.name !== pod.name,
  );
  return isFollowed ? address : undefined;
}
