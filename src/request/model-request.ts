import type { Asked, Prompt } from '../dialect/index.ts';
import type { Criticality, Model, Pool } from '../plan/index.ts';

/** What a pool needs to know of a request's body. */
export interface ModelRequest {
  /** '' where the body names none. */
  readonly model: string;
  /** Of its InferenceObjective, or of its InferenceModel, or the pool's default: Sheddable in Inference Extension v0.5.1. */
  readonly criticality: Criticality;
  /** Sent upstream. */
  readonly targetModel: string;
  /** For prefix caches; undefined where there is none. */
  readonly prompt: Prompt | undefined;
  /** Id of the response that it goes on from; '' where it does not. */
  readonly continues: string;
}

/** The request header that names an InferenceObjective (pkg/epp/metadata of the Inference Extension). */
export const OBJECTIVE = 'x-gateway-inference-objective';

/**
 * @param asked what the body says
 * @param random 0..1
 * @param objective value of {@link OBJECTIVE}; '': none
 * @returns a message for the client where the pool cannot do without what could not be read
 */
export function readModelRequest(
  pool: Pool,
  { model, prompt, previousResponse, unread }: Asked,
  random: number,
  objective: string,
): ModelRequest | { readonly invalid: string } {
  if (unread !== undefined && renames(pool)) return { invalid: `The request body ${unread}` };
  const chosen = model === '' ? onlyModel(pool) : pool.models.find(m => m.modelName === model);
  const targetModel = (model === '' ? undefined : drawTarget(chosen, random)) ?? model;
  return {
    model,
    criticality: criticalityOf(pool, chosen, objective),
    targetModel,
    prompt,
    continues: previousResponse,
  };
}

/** Its servers do not know the names that clients say: a body that cannot be read cannot be sent to them. */
function renames({ models }: Pool): boolean {
  return models.some(({ modelName, targetModels }) => targetModels.some(({ name }) => name !== modelName));
}

function criticalityOf(pool: Pool, chosen: Model | undefined, objective: string): Criticality {
  const { objectives } = pool;
  // A name is a client's: it may be that of a method.
  if (objective !== '' && objectives !== undefined && Object.hasOwn(objectives, objective))
    return objectives[objective] as Criticality;
  return chosen?.criticality ?? pool.defaultCriticality ?? 'Sheddable';
}

function onlyModel(pool: Pool): Model | undefined {
  return pool.models.length === 1 ? pool.models[0] : undefined;
}

function drawTarget(model: Model | undefined, random: number): string | undefined {
  if (model === undefined || model.targetModels.length === 0) return undefined;
  let total = 0;
  for (const target of model.targetModels) total += target.weight;
  let left = random * total;
  for (const target of model.targetModels) {
    left -= target.weight;
    if (left < 0) return target.name;
  }
  return model.targetModels[0]?.name;
}
