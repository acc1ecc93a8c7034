import { frameMessages, PREFIX_BYTES, putPrefix } from '../../../wire/index.ts';
import type { Phase, PickedReply, PickerReply } from '../message.ts';
import { encodeReply } from './encode.ts';
import { putStreamedBody, streamedBodyBytes } from './streamed-body-response.ts';

/** Pools have few endpoints: most picks are answered with bytes that were made before. */
const MAX_PLAIN_PICKS = 4096;
/** By destination; a map for each of the ways in which one is told. */
const plainPicks = Array.from({ length: 8 }, () => new Map<string, Buffer>());

const continues = new Map<Phase, Buffer>();

/** Answers as one piece of bytes that goes to a gateway: gRPC's messages, of which a body is copied once. */
export function framedReplies(replies: readonly PickerReply[]): Buffer {
  const first = replies[0] as PickerReply;
  if (replies.length === 1 && first.kind !== 'body') return framed(first);
  const parts: Buffer[] = [];
  let length = 0;
  for (const reply of replies) {
    if (reply.kind === 'body') {
      parts.push(reply.body);
      length += PREFIX_BYTES + streamedBodyBytes(reply);
    } else {
      const part = framed(reply);
      parts.push(part);
      length += part.length;
    }
  }
  const out = Buffer.allocUnsafe(length);
  let at = 0;
  for (let i = 0; i < replies.length; i++) {
    const reply = replies[i] as PickerReply;
    if (reply.kind === 'body') at = putStreamedBody(out, putPrefix(out, at, streamedBodyBytes(reply)), reply);
    else at += (parts[i] as Buffer).copy(out, at);
  }
  return out;
}

function framed(reply: PickerReply): Buffer {
  if (reply.kind === 'continue') return framedContinue(reply.phase);
  return reply.kind === 'picked' && isPlain(reply) ? plainPick(reply) : frameMessages([encodeReply(reply)]);
}

function isPlain({ body, contentLength, changes }: PickedReply): boolean {
  return body === undefined && contentLength === undefined && changes === undefined;
}

function framedContinue(phase: Phase): Buffer {
  const known = continues.get(phase);
  if (known !== undefined) return known;
  const made = frameMessages([encodeReply({ kind: 'continue', phase })]);
  continues.set(phase, made);
  return made;
}

function plainPick(reply: PickedReply): Buffer {
  const way =
    (reply.phase === 'request-headers' ? 1 : 0) |
    (reply.clearRouteCache ? 2 : 0) |
    (reply.repeatable === true ? 4 : 0);
  const known = plainPicks[way] as Map<string, Buffer>;
  const bytes = known.get(reply.destination);
  if (bytes !== undefined) return bytes;
  if (known.size >= MAX_PLAIN_PICKS) known.clear();
  const made = frameMessages([encodeReply(reply)]);
  known.set(reply.destination, made);
  return made;
}
