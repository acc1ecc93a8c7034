import type { ResourceSet } from '../../api/index.ts';

/** `NAMESPACE/NAME` of Pods that are to end. */
export function endingPods(set: ResourceSet): Set<string> {
  return new Set(
    set
      .list('Pod')
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
}
