import type { BodyPart, PickerReply } from './message.ts';

/** A message of a body: the Inference Extension's figure, below Envoy's 64 KiB of flow control. */
const CHUNK_BYTES = 62_000;

/** FULL_DUPLEX_STREAMED: the body as pieces that are sent for it. */
export function streamedBody(
  phase: 'request-body' | 'response-body',
  body: Buffer,
  endOfStream: boolean,
): PickerReply[] {
  if (body.length <= CHUNK_BYTES) return [{ kind: 'body', phase, body, endOfStream }];
  const pieces: PickerReply[] = [];
  for (let from = 0; from < body.length; from += CHUNK_BYTES) {
    const to = Math.min(body.length, from + CHUNK_BYTES);
    pieces.push({
      kind: 'body',
      phase,
      body: body.subarray(from, to),
      endOfStream: endOfStream && to === body.length,
    });
  }
  return pieces;
}

/** A body that the picker has nothing to say to goes on. */
export function passBody(
  { kind, body, endOfStream }: BodyPart<'request-body' | 'response-body'>,
  fullDuplex: boolean,
): readonly PickerReply[] {
  return fullDuplex ? streamedBody(kind, body, endOfStream) : [{ kind: 'continue', phase: kind }];
}
