import type { KubeObject } from '../api/index.ts';
import { compareText } from './precedence.ts';

/** metadata.creationTimestamp; '' where unknown, which counts as oldest. */
export function createdAt(object: KubeObject): string {
  return object.metadata.creationTimestamp ?? '';
}

/**
 * Oldest first, then by namespace/name: whom Gateway API prefers when two objects claim the same thing.
 * (Gateway API, conflict resolution: "the oldest … based on creation timestamp, then … alphabetical order by namespace/name".)
 */
export function compareAge(a: KubeObject, b: KubeObject): number {
  return (
    compareText(createdAt(a), createdAt(b)) ||
    compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareText(a.metadata.name, b.metadata.name)
  );
}
