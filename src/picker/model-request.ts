import type { Criticality, Model, Pool } from '../plan/index.ts';
import { hasMoreValuesThan } from './json-text.ts';

/** A prompt of a million token ids has so many. Parsed in less than a second, to 100 MB or so. */
const MAX_VALUES = 1_000_000;

/** What a pool needs to know of a request's body. */
export interface ModelRequest {
  /** '' where the body names none. */
  readonly model: string;
  /** Of its InferenceObjective, or of its InferenceModel, or the pool's default: Sheddable in Inference Extension v0.5.1. */
  readonly criticality: Criticality;
  /** Sent upstream. */
  readonly targetModel: string;
  /** The body parsed; undefined for a request without one. */
  readonly json: unknown;
}

/** The request header that names an InferenceObjective (pkg/epp/metadata of the Inference Extension). */
export const OBJECTIVE = 'x-gateway-inference-objective';

/**
 * @param body UTF-8 JSON, or '' for a request without a body (GET /v1/models)
 * @param random 0..1
 * @param objective value of {@link OBJECTIVE}; '': none
 * @returns a message for the client where the body is not a JSON object
 */
export function readModelRequest(
  pool: Pool,
  body: string,
  random: number,
  objective: string,
): ModelRequest | { readonly invalid: string } {
  if (body === '') {
    const criticality = criticalityOf(pool, onlyModel(pool), objective);
    return { model: '', criticality, targetModel: '', json: undefined };
  }
  if (hasMoreValuesThan(body, MAX_VALUES))
    return { invalid: `The request body has more than ${MAX_VALUES} JSON values.` };
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    return {
      invalid: `The request body is not valid JSON: ${error instanceof Error ? error.message : error}`,
    };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { invalid: 'The request body is not a JSON object.' };
  }
  const named = (json as { model?: unknown }).model;
  const model = typeof named === 'string' ? named : '';
  const chosen = model === '' ? onlyModel(pool) : pool.models.find(m => m.modelName === model);
  const targetModel = drawTarget(chosen, random) ?? model;
  return { model, criticality: criticalityOf(pool, chosen, objective), targetModel, json };
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
