import type { KubeObject, ResourceSet } from '../api/index.ts';

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

/** What runs here of a workload of the manifests, and why. */
export interface WorkloadView {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly what: 'simulated' | 'not-run' | 'external';
  /** `IP:PORT` of each replica. */
  readonly addresses: readonly string[];
  readonly reason: string;
  /** Flags of the model server's command line that the simulator does not know. */
  readonly unknownFlags: readonly string[];
}
