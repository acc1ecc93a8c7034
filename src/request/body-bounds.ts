import type { ByteBudget } from '../kernel/index.ts';
import type { LocalReply } from './local-reply.ts';
import { NO_ROOM, noRoomReply, TOO_LARGE, TOO_LARGE_REPLY } from './replies.ts';

/** Why a body is not read, and what its client is told. */
export interface BodyRefusal {
  readonly reply: LocalReply;
  readonly reason: string;
}

const IS_TOO_LARGE: BodyRefusal = { reply: TOO_LARGE_REPLY, reason: TOO_LARGE };

/**
 * The bounds of a body that is read whole: its own, and that of all bodies together.
 * @param knownBytes it has at least
 * @param toComeBytes of these
 */
export function bodyRefusal(
  bodies: ByteBudget,
  knownBytes: number,
  toComeBytes: number,
  upToBytes: number,
): BodyRefusal | undefined {
  if (knownBytes > upToBytes) return IS_TOO_LARGE;
  return bodies.hasRoom(toComeBytes) ? undefined : noRoomFor(bodies);
}

/** There is no room for more of a body that is being read. */
export function noRoomFor(bodies: ByteBudget): BodyRefusal {
  return { reply: noRoomReply(bodies), reason: NO_ROOM };
}
