import type { Deployment } from '../api/index.ts';
import type { DesiredWorkload } from './desired.ts';
import type { RunningReplica } from './pod-object.ts';

/** Status of an object; conditions are without lastTransitionTime. */
export interface WorkloadStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: object;
}

/**
 * apps/v1 DeploymentStatus with the replicas that answer.
 * @param problem why there are not as many as there should be; '' for none
 */
export function deploymentStatus(
  { ref, hash, object }: DesiredWorkload,
  running: readonly RunningReplica[],
  problem: string,
): WorkloadStatus {
  const wanted = (object as Deployment).spec.replicas ?? 1;
  const ready = running.length;
  const updated = running.filter(({ replica }) => replica.owner.hash === hash).length;
  const isAvailable = ready >= wanted;
  const isComplete = isAvailable && updated >= wanted;
  const replicaSet = `${ref.name}-${hash}`;
  const available = isAvailable
    ? condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : condition(
        'Available',
        'MinimumReplicasUnavailable',
        problem || 'Deployment does not have minimum availability.',
        'False',
      );
  const progressing = isComplete
    ? condition(
        'Progressing',
        'NewReplicaSetAvailable',
        `ReplicaSet "${replicaSet}" has successfully progressed.`,
      )
    : condition(
        'Progressing',
        'ProgressDeadlineExceeded',
        problem || `ReplicaSet "${replicaSet}" has timed out progressing.`,
        'False',
      );
  return {
    apiVersion: 'apps/v1',
    ...ref,
    status: {
      observedGeneration: object.metadata.generation ?? 1,
      // A count of 0 is left out, as the API's `omitempty` does.
      ...counts({
        replicas: ready,
        updatedReplicas: updated,
        readyReplicas: ready,
        availableReplicas: ready,
      }),
      ...counts({ unavailableReplicas: Math.max(0, wanted - ready) }),
      conditions: [available, progressing],
    },
  };
}

function counts(values: Readonly<Record<string, number>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, count]) => count > 0));
}

function condition(type: string, reason: string, message: string, status = 'True'): object {
  return { type, status, reason, message };
}
