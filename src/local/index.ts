export type { SimulateMode } from './desired.ts';
export { LocalWorkloads, type LocalWorkloadsOptions, type WorkloadNote } from './local-workloads.ts';
