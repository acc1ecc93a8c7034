export { type ClusterSource, clusterSource } from './cluster-source.ts';
export { callAtMs } from './coalesce.ts';
export type { RawObject } from './raw-object.ts';
export { type ReflectedStore, Reflector } from './reflector.ts';
export type { RefusedObject } from './refused-object.ts';
