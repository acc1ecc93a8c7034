import { IDEMPOTENT_METHODS } from '../../plan/index.ts';
import type { GatewayLife } from '../../request/index.ts';
import type { PickedReply, PickerReply } from './message.ts';
import { addBody } from './streamed-body.ts';

export interface PickedIn {
  readonly phase: PickedReply['phase'];
  /** All of it; undefined: nothing is known of it. */
  readonly body: Buffer | undefined;
  /** FULL_DUPLEX_STREAMED: the body goes on in pieces of ours. */
  readonly duplex: boolean;
  /** What trailers that end the body are answered. */
  readonly tail: PickerReply | undefined;
}

/** What a gateway is told of a request that is let go. */
export function pickedReplies(
  life: GatewayLife,
  { phase, body, duplex, tail }: PickedIn,
  clearRouteCache: boolean,
  method: string,
): readonly PickerReply[] {
  const rewritten = body === undefined || life.rewritten === undefined ? undefined : whole(life.rewritten);
  const streams = body !== undefined && duplex;
  const replies: PickerReply[] = [
    {
      kind: 'picked',
      phase: streams ? 'request-headers' : phase,
      destination: life.destination,
      clearRouteCache,
      repeatable: clearRouteCache && IDEMPOTENT_METHODS.has(method),
      contentLength: rewritten?.length,
      changes: life.changes,
      body: streams ? undefined : rewritten,
    },
  ];
  if (streams) addBody(replies, 'request-body', rewritten ?? body, tail === undefined);
  if (tail !== undefined) replies.push(tail);
  return replies;
}

function whole(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}
