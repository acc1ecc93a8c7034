export { type ClusterSource, clusterSource } from './cluster-source.ts';
export type { RawObject } from './kind-store.ts';
export { Reflector } from './reflector.ts';
