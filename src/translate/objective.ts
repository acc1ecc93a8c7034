import type { Context } from './context.ts';
import { POOL_GROUP_V1 } from './pool-key.ts';

/** An InferenceObjective is read and changes nothing; that is said, and whether its pool is there. */
export function reportObjectives({ set, problems }: Context): void {
  for (const objective of set.list('InferenceObjective')) {
    const { group = POOL_GROUP_V1, kind = 'InferencePool', name } = objective.spec.poolRef;
    const namespace = objective.metadata.namespace ?? '';
    const list = group === POOL_GROUP_V1 ? 'InferencePoolV1' : 'InferencePoolV1Alpha2';
    if (kind !== 'InferencePool' || set.get(list, namespace, name) === undefined) {
      const message = `${kind} ${namespace}/${name} of group ${group} not found`;
      problems.error('model-pool-not-found', objective, ['spec', 'poolRef', 'name'], message);
    }
    const message =
      'an InferenceObjective has no effect: Breakwater takes criticality from InferenceModels (v1alpha2)';
    problems.warning('field-without-effect', objective, ['spec'], message);
  }
}
