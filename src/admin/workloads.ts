import type { KubeObject, ResourceSet } from '../api/index.ts';
import type { WorkloadView } from './wire.ts';

/** What runs the workloads of the manifests on this machine. */
export interface Workloads {
  /** Starts and stops what the manifests ask for; resolves when the Pods are known. */
  apply(set: ResourceSet): Promise<void>;
  /** Pods of what runs, with addresses. They take the place of equally named ones of the manifests. */
  pods(): readonly KubeObject[];
  deploymentStatuses(): readonly WorkloadStatus[];
  notes(): readonly WorkloadView[];
  /** Called when Pods have changed by themselves. Returns what ends the subscription. */
  onChange(listener: () => void): () => void;
}

interface WorkloadStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: object;
}
