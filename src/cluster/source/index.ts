export { clusterSource } from './cluster-source.ts';
