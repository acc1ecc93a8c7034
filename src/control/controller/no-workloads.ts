import type { Workloads } from '../workloads.ts';

/** On a cluster, kubelets run what there is to run. */
export const NO_WORKLOADS: Workloads = {
  apply: () => Promise.resolve(),
  pods: () => [],
  deploymentStatuses: () => [],
  notes: () => [],
  onChange: () => () => {},
};
