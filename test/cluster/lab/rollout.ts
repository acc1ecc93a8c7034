import { until } from '../../support/until.ts';
import type { LabObject, Objects } from './objects.ts';

/** apps/v1 Deployment, DaemonSet and StatefulSet, as far as a rollout is seen in them. */
interface Workload extends LabObject {
  readonly metadata: LabObject['metadata'] & { readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly replicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}

/** `kubectl rollout status` of the workloads among some objects: until all their Pods are new and available. */
export async function rolledOut(
  objects: Objects,
  applied: readonly LabObject[],
  explain: (workload: LabObject) => Promise<string>,
  withinMs = 120_000,
): Promise<void> {
  for (const object of applied) {
    if (object.apiVersion !== 'apps/v1') continue;
    const path = await objects.pathOf(object);
    const isDone = async () => isRolledOut((await objects.ask('GET', path)) as Workload);
    await until(`${object.kind} ${object.metadata.name} is rolled out`, isDone, withinMs).catch(
      async error => {
        throw new Error(`${error.message}\n${await explain(object)}`, { cause: error });
      },
    );
  }
}

function isRolledOut({ kind, metadata, spec, status = {} }: Workload): boolean {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false;
  if (kind === 'DaemonSet') {
    const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
    return desiredNumberScheduled === updatedNumberScheduled && numberAvailable === desiredNumberScheduled;
  }
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const wanted = spec.replicas ?? 1;
  return updatedReplicas === wanted && availableReplicas === wanted && replicas === wanted;
}
