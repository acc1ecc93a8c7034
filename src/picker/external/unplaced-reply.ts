import { type LocalReply, textReply } from '../../limits/index.ts';

/** The external picker of a pool that fails closed gave no endpoint. */
export function unplacedReply(failure: string): LocalReply {
  const reply = textReply(503, 'no healthy upstream');
  return {
    ...reply,
    headers: [...reply.headers, 'x-breakwater-reason', `reason=external-picker; cause=${failure}`],
  };
}
