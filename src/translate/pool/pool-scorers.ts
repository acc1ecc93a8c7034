import type { KubeObject } from '../../api/index.ts';
import { SCORERS } from '../../plan/index.ts';
import type { Context } from '../context.ts';

/** On an InferencePool: the picker's weights, as `NAME=WEIGHT,…`; what is not named keeps its default. */
const SCORERS_ANNOTATION = 'breakwater.dev/scorer-weights';

export function scorerWeights({ problems }: Context, pool: KubeObject): Readonly<Record<string, number>> {
  const annotation = pool.metadata.annotations?.[SCORERS_ANNOTATION];
  if (annotation === undefined) return {};
  const weights: Record<string, number> = {};
  for (const part of annotation.split(',')) {
    const [name = '', value = ''] = part.split('=').map(text => text.trim());
    const weight = Number(value);
    const isWeight = value !== '' && Number.isFinite(weight) && weight >= 0;
    const isScorer = (SCORERS as readonly string[]).includes(name);
    if (isWeight && isScorer) {
      weights[name] = weight;
      continue;
    }
    const message =
      name === '' || !isWeight
        ? `expected NAME=WEIGHT with a weight of at least 0, got ${JSON.stringify(part)}`
        : `no scorer is called ${JSON.stringify(name)}, only ${SCORERS.join(', ')}`;
    problems.error('annotation-invalid', pool, ['metadata', 'annotations', SCORERS_ANNOTATION], message);
  }
  return weights;
}
