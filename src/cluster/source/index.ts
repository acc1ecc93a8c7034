export { clusterSource } from './cluster-source.ts';
export type { RawObject } from './kind-store.ts';
export { Reflector } from './reflector.ts';
