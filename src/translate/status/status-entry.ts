import type { KubeObject } from '../../api/index.ts';

/** The status of one object, whole; conditions are without lastTransitionTime. */
export interface StatusEntry {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: object;
}

export function statusEntry(object: KubeObject, status: object): StatusEntry {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name, status };
}
