import type { BodyPart, PickerReply } from './message.ts';

/** A message of a body: the Inference Extension's figure, below Envoy's 64 KiB of flow control. */
const CHUNK_BYTES = 62_000;

/** FULL_DUPLEX_STREAMED: the body as pieces that are sent for it. @param replies receives them */
export function addBody(
  replies: PickerReply[],
  phase: 'request-body' | 'response-body',
  body: Buffer,
  endOfStream: boolean,
): void {
  if (body.length <= CHUNK_BYTES) {
    replies.push({ kind: 'body', phase, body, endOfStream });
    return;
  }
  for (let from = 0; from < body.length; from += CHUNK_BYTES) {
    const to = Math.min(body.length, from + CHUNK_BYTES);
    replies.push({
      kind: 'body',
      phase,
      body: body.subarray(from, to),
      endOfStream: endOfStream && to === body.length,
    });
  }
}

/** A body that the picker has nothing to say to goes on. */
export function passBody(
  { kind, body, endOfStream }: BodyPart<'request-body' | 'response-body'>,
  fullDuplex: boolean,
): readonly PickerReply[] {
  if (!fullDuplex) return [{ kind: 'continue', phase: kind }];
  const replies: PickerReply[] = [];
  addBody(replies, kind, body, endOfStream);
  return replies;
}
