import type { Criticality, Model, Pool } from '../../plan/index.ts';

/** What a pool needs to know of a request's body. */
export interface ModelRequest {
  /** '' where the body names none. */
  readonly model: string;
  /** A model that no InferenceModel names has the pool's default; Sheddable in Inference Extension v0.5.1. */
  readonly criticality: Criticality;
  /** Sent upstream. */
  readonly targetModel: string;
  /** The body parsed; undefined for a request without one. */
  readonly json: unknown;
}

/**
 * @param body UTF-8 JSON, or '' for a request without a body (GET /v1/models)
 * @param random 0..1
 * @returns a message for the client where the body is not a JSON object
 */
export function readModelRequest(
  pool: Pool,
  body: string,
  random: number,
): ModelRequest | { readonly invalid: string } {
  if (body === '')
    return { model: '', criticality: criticalityOf(pool, onlyModel(pool)), targetModel: '', json: undefined };
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
  return { model, criticality: criticalityOf(pool, chosen), targetModel, json };
}

function criticalityOf(pool: Pool, chosen: Model | undefined): Criticality {
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

/**
 * Puts another value at the body's top-level `model`, leaving every other byte as it is (numbers beyond 2^53 too).
 * @param body valid JSON object
 */
export function replaceModel(body: string, model: string): string {
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const char = body[i];
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === '"') {
      const end = stringEnd(body, i);
      if (depth === 1 && JSON.parse(body.slice(i, end)) === 'model') {
        const colon = /^\s*:\s*/.exec(body.slice(end, end + 64));
        if (colon !== null) {
          const from = end + colon[0].length;
          if (body[from] !== '"') return body;
          // Of a repeated key the last counts, for JSON.parse and for the model server.
          const rest = replaceModel(`{${body.slice(stringEnd(body, from))}`, model).slice(1);
          return body.slice(0, from) + JSON.stringify(model) + rest;
        }
      }
      i = end - 1;
    }
  }
  return body;
}

function stringEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
