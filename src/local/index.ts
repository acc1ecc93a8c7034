export { LocalWorkloads } from './local-workloads.ts';
