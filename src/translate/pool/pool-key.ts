export const POOL_GROUP_V1 = 'inference.networking.k8s.io';
export const POOL_GROUP_V1ALPHA2 = 'inference.networking.x-k8s.io';

/** Tells pools of one name in the two API groups apart. */
export function poolKey(group: string, namespace: string, name: string): string {
  return `${group}/${namespace}/${name}`;
}
