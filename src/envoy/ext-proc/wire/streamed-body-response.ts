import { headBytes, numberField, putFieldHead } from '../../../wire/index.ts';
import type { BodyReply } from '../message.ts';
import { BODY_MUTATION, COMMON_RESPONSE, RESPONSE_FIELDS } from './response-fields.ts';

/** Member of BodyMutation. */
const STREAMED_RESPONSE = 3;
/** StreamedBodyResponse { body = 1; end_of_stream = 2 } */
const BODY = 1;
const END_OF_STREAM = numberField(2, 1);

/** BodyResponse with BodyMutation.streamed_response. */
export function streamedBody(reply: BodyReply): Buffer {
  const out = Buffer.allocUnsafe(streamedBodyBytes(reply));
  putStreamedBody(out, 0, reply);
  return out;
}

export function streamedBodyBytes(reply: BodyReply): number {
  const inner = responseBytes(reply);
  return headBytes(RESPONSE_FIELDS[reply.phase], inner) + inner;
}

/** Writes {@link streamedBody} into bytes that have room for it. @returns where it ends */
export function putStreamedBody(out: Buffer, from: number, reply: BodyReply): number {
  const { body } = reply;
  let at = putFieldHead(out, from, RESPONSE_FIELDS[reply.phase], responseBytes(reply));
  at = putFieldHead(out, at, COMMON_RESPONSE, commonBytes(reply));
  at = putFieldHead(out, at, BODY_MUTATION, mutationBytes(reply));
  at = putFieldHead(out, at, STREAMED_RESPONSE, streamedBytes(reply));
  if (body.length > 0) {
    at = putFieldHead(out, at, BODY, body.length);
    at += body.copy(out, at);
  }
  return reply.endOfStream ? at + END_OF_STREAM.copy(out, at) : at;
}

function responseBytes(reply: BodyReply): number {
  const inner = commonBytes(reply);
  return headBytes(COMMON_RESPONSE, inner) + inner;
}

function commonBytes(reply: BodyReply): number {
  const inner = mutationBytes(reply);
  return headBytes(BODY_MUTATION, inner) + inner;
}

function mutationBytes(reply: BodyReply): number {
  const inner = streamedBytes(reply);
  return headBytes(STREAMED_RESPONSE, inner) + inner;
}

function streamedBytes({ body, endOfStream }: BodyReply): number {
  const length = body.length === 0 ? 0 : headBytes(BODY, body.length) + body.length;
  return endOfStream ? length + END_OF_STREAM.length : length;
}
