import { asked, responseIdIn } from '../../dialect/index.ts';
import type { Pool } from '../../plan/index.ts';
import {
  badRequest,
  type ChoiceRequest,
  headerValue,
  type LocalReply,
  objectiveOf,
  readModelRequest,
} from '../../request/index.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { BodyBytes } from './body-bytes.ts';

/** A request to a pool: what its endpoint is chosen by, and the body with the model's name as the server knows it. */
export type PoolRequest =
  | { readonly kind: 'forward'; readonly choice: ChoiceRequest; readonly body: BodyBytes }
  | { readonly kind: 'refused'; readonly reply: LocalReply; readonly reason: string };

/**
 * @param random 0..1, of several target models
 * @param head of the request
 */
export function poolRequest(
  pool: Pool,
  body: BodyBytes,
  random: number,
  { target, headers }: Pick<RequestHead, 'target' | 'headers'>,
): PoolRequest {
  const read = asked(body.bytes, {
    contentType: headerValue(headers, 'content-type'),
    contentEncoding: headerValue(headers, 'content-encoding'),
  });
  const request = readModelRequest(pool, read, random, objectiveOf(pool, headers));
  if ('invalid' in request) {
    const reply = badRequest(target, request.invalid);
    return {
      kind: 'refused',
      reply,
      reason: 'the pool cannot do without the model, and the body could not be read',
    };
  }
  const { model, targetModel } = request;
  const about = responseIdIn(target.split('?', 1)[0] as string);
  return {
    kind: 'forward',
    choice: about === '' ? request : { ...request, continues: about },
    body: targetModel === model ? body : new BodyBytes(read.withModel(targetModel)),
  };
}
