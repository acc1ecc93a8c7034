import type { InferenceModel } from '../../api/index.ts';
import type { Model } from '../../plan/index.ts';
import { compareAge } from '../object-age.ts';
import { objectRef } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import { POOL_GROUP_V1, POOL_GROUP_V1ALPHA2, poolKey } from './pool-key.ts';

/** What became of an InferenceModel. */
export type ModelVerdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'name-in-use'; readonly by: InferenceModel }
  | { readonly kind: 'pool-not-found'; readonly message: string };

/** Each model with its verdict: of those with one modelName in one pool, the oldest wins (InferenceModelSpec.modelName). */
export function judgeModels({ set }: Context): [InferenceModel, ModelVerdict][] {
  const winners = new Map<string, InferenceModel>();
  return [...set.list('InferenceModel')].sort(compareAge).map(model => {
    const namespace = model.metadata.namespace ?? '';
    const { group, kind, name } = poolRefOf(model);
    const list = group === POOL_GROUP_V1 ? 'InferencePoolV1' : 'InferencePoolV1Alpha2';
    if (kind !== 'InferencePool' || set.get(list, namespace, name) === undefined) {
      return [
        model,
        { kind: 'pool-not-found', message: `${kind} ${namespace}/${name} of group ${group} not found` },
      ];
    }
    const key = `${poolKey(group, namespace, name)}\0${model.spec.modelName}`;
    const winner = winners.get(key);
    if (winner !== undefined) return [model, { kind: 'name-in-use', by: winner }];
    winners.set(key, model);
    return [model, { kind: 'accepted' }];
  });
}

/** The accepted models by {@link poolKey}, in order of their names; problems for the others. */
export function modelsByPool(context: Context): Map<string, Model[]> {
  const byPool = new Map<string, Model[]>();
  for (const [model, verdict] of judgeModels(context)) {
    switch (verdict.kind) {
      case 'accepted': {
        const { group, name } = poolRefOf(model);
        const key = poolKey(group, model.metadata.namespace ?? '', name);
        byPool.set(key, [...(byPool.get(key) ?? []), toModel(model)]);
        break;
      }
      case 'name-in-use': {
        const message = nameInUse(model, verdict.by);
        context.problems.error('model-name-in-use', model, ['spec', 'modelName'], message);
        break;
      }
      case 'pool-not-found':
        context.problems.error('model-pool-not-found', model, ['spec', 'poolRef', 'name'], verdict.message);
        break;
    }
  }
  for (const models of byPool.values()) models.sort((a, b) => (a.modelName < b.modelName ? -1 : 1));
  return byPool;
}

export function nameInUse(model: InferenceModel, by: InferenceModel): string {
  return `modelName ${model.spec.modelName} is in use by the older InferenceModel ${by.metadata.name}`;
}

function poolRefOf({ spec: { poolRef } }: InferenceModel): { group: string; kind: string; name: string } {
  const { group = POOL_GROUP_V1ALPHA2, kind = 'InferencePool', name } = poolRef;
  return { group, kind, name };
}

function toModel(model: InferenceModel): Model {
  const { modelName, criticality, targetModels = [] } = model.spec;
  return {
    source: objectRef(model),
    modelName,
    // "may treat an unset value as the 'Standard' range" (InferenceModelSpec.criticality)
    criticality: criticality ?? 'Standard',
    // Weights are set for all or none (InferenceModelSpec.targetModels).
    targetModels: targetModels.map(({ name, weight }) => ({ name, weight: weight ?? 1 })),
  };
}
