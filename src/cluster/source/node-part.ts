import { sameJson } from '../../api/index.ts';
import type { RawObject } from './raw-object.ts';

interface NodeStatus {
  readonly status?: { readonly addresses?: readonly unknown[] };
}

/**
 * What counts of a Node: where it is reached. Kubelets write the rest every few minutes, each of them: nothing is to be made anew
 * for that.
 */
export function nodePart(item: RawObject): RawObject & NodeStatus {
  const { name, uid, resourceVersion } = item.metadata;
  const { addresses = [] } = (item as NodeStatus).status ?? {};
  const metadata = {
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return { metadata, status: { addresses } };
}

/** Of two such parts. */
export function isSameNode(a: object, b: object): boolean {
  return sameJson((a as NodeStatus).status, (b as NodeStatus).status);
}
