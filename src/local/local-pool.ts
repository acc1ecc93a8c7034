import type { ResourceSet } from '../api/index.ts';

type Labels = Readonly<Record<string, string>>;

export interface SelectingPool {
  readonly port: number;
  /** Names that its InferenceModels send to the servers. */
  readonly models: readonly string[];
}

/** The first InferencePool, of either version, whose selector matches the labels. */
export function poolOf(set: ResourceSet, namespace: string, labels: Labels): SelectingPool | undefined {
  for (const pool of set.list('InferencePoolV1Alpha2')) {
    const { selector, targetPortNumber } = pool.spec;
    if (pool.metadata.namespace === namespace && matches(selector, labels))
      return { port: targetPortNumber, models: modelsOf(set, namespace, pool.metadata.name) };
  }
  for (const pool of set.list('InferencePoolV1')) {
    const { selector, targetPorts } = pool.spec;
    const port = targetPorts[0]?.number;
    if (
      pool.metadata.namespace === namespace &&
      port !== undefined &&
      matches(selector.matchLabels ?? {}, labels)
    )
      return { port, models: modelsOf(set, namespace, pool.metadata.name) };
  }
  return undefined;
}

function matches(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

function modelsOf(set: ResourceSet, namespace: string, pool: string): string[] {
  const names = set
    .list('InferenceModel')
    .filter(model => model.metadata.namespace === namespace && model.spec.poolRef.name === pool)
    .flatMap(({ spec }) => {
      const targets = (spec.targetModels ?? []).map(target => target.name);
      return targets.length > 0 ? targets : [spec.modelName];
    });
  return [...new Set(names)];
}
