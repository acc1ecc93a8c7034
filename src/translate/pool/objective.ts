import type { Criticality } from '../../plan/index.ts';
import type { Context } from '../translation-context.ts';
import { POOL_GROUP_V1, poolKey } from './pool-key.ts';

/**
 * What the InferenceObjectives of each pool say, by {@link poolKey} and name; a problem for those whose pool is not there.
 * Priority 0 is that of requests without an objective, less is shed where a pool is saturated (InferenceObjectiveSpec.priority and
 * the Inference Extension's own picker: admitRequest).
 */
export function objectivesByPool({ set, problems }: Context): Map<string, Record<string, Criticality>> {
  const byPool = new Map<string, Record<string, Criticality>>();
  for (const objective of set.list('InferenceObjective')) {
    const { priority = 0, poolRef } = objective.spec;
    const { group = POOL_GROUP_V1, kind = 'InferencePool', name } = poolRef;
    const namespace = objective.metadata.namespace ?? '';
    const list = group === POOL_GROUP_V1 ? 'InferencePoolV1' : 'InferencePoolV1Alpha2';
    if (kind !== 'InferencePool' || set.get(list, namespace, name) === undefined) {
      const message = `${kind} ${namespace}/${name} of group ${group} not found`;
      problems.error('model-pool-not-found', objective, ['spec', 'poolRef', 'name'], message);
      continue;
    }
    const key = poolKey(group, namespace, name);
    byPool.set(key, { ...byPool.get(key), [objective.metadata.name]: criticalityOf(priority) });
  }
  return byPool;
}

function criticalityOf(priority: number): Criticality {
  if (priority === 0) return 'Standard';
  return priority > 0 ? 'Critical' : 'Sheddable';
}
