import type { Deployment } from '../api/index.ts';
import type { DesiredWorkload } from './desired.ts';

/** Status of an object; conditions are without lastTransitionTime. */
export interface WorkloadStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: object;
}

/** apps/v1 DeploymentStatus with so many replicas that answer. */
export function deploymentStatus(workload: DesiredWorkload, ready: number): WorkloadStatus {
  const { ref, hash } = workload;
  const wanted = (workload.object as Deployment).spec.replicas ?? 1;
  const isAvailable = ready >= wanted;
  const replicaSet = `${ref.name}-${hash}`;
  const message = workload.what === 'not-run' ? `Not run on this machine: ${workload.reason}.` : undefined;
  return {
    apiVersion: 'apps/v1',
    ...ref,
    status: {
      observedGeneration: workload.object.metadata.generation ?? 1,
      replicas: ready,
      ...(ready === 0 ? {} : { updatedReplicas: ready, readyReplicas: ready, availableReplicas: ready }),
      ...(isAvailable ? {} : { unavailableReplicas: wanted - ready }),
      conditions: [
        {
          type: 'Available',
          status: isAvailable ? 'True' : 'False',
          reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          message:
            message ??
            (isAvailable
              ? 'Deployment has minimum availability.'
              : 'Deployment does not have minimum availability.'),
        },
        {
          type: 'Progressing',
          status: isAvailable ? 'True' : 'False',
          reason: isAvailable ? 'NewReplicaSetAvailable' : 'ProgressDeadlineExceeded',
          message:
            message ??
            `ReplicaSet "${replicaSet}" ${isAvailable ? 'has successfully progressed' : 'has timed out progressing'}.`,
        },
      ],
    },
  };
}
