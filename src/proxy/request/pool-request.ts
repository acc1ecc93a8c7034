import type { LocalReply } from '../../limits/index.ts';
import { openAiError, readModelRequest, replaceModel } from '../../picker/index.ts';
import type { Pool } from '../../plan/index.ts';
import type { ChoiceRequest } from '../endpoint-choice.ts';
import { BodyBytes } from './body-bytes.ts';
import { objectiveOf } from './objective.ts';

/** A request to a pool: what its endpoint is chosen by, and the body with the model's name as the server knows it. */
export type PoolRequest =
  | { readonly kind: 'forward'; readonly choice: ChoiceRequest; readonly body: BodyBytes }
  | { readonly kind: 'refused'; readonly reply: LocalReply; readonly reason: string };

/**
 * @param random 0..1, of several target models
 * @param headers of the request, names in lower case and values by turns
 */
export function poolRequest(
  pool: Pool,
  body: BodyBytes,
  random: number,
  headers: readonly string[],
): PoolRequest {
  const read = readModelRequest(pool, body.text, random, objectiveOf(pool, headers));
  if ('invalid' in read) {
    const reply = openAiError(400, 'BadRequestError', read.invalid);
    return { kind: 'refused', reply, reason: 'the body is not what a pool can read' };
  }
  const { model, targetModel } = read;
  const renamed = model !== '' && targetModel !== model;
  return {
    kind: 'forward',
    choice: read,
    body: renamed ? new BodyBytes(Buffer.from(replaceModel(body.text, targetModel))) : body,
  };
}
