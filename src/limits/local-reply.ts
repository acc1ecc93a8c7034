import type { Overflow } from './limits.ts';

/** An answer that is made here, not by a model server. */
export interface LocalReply {
  readonly status: number;
  /** name (lower case), value, … without content-length and date */
  readonly headers: readonly string[];
  readonly body: string;
}

const TEXT = ['content-type', 'text/plain'] as const;
/** How Envoy begins its answer when no response came. */
export const RESET_TEXT = 'upstream connect error or disconnect/reset before headers. ';

export function textReply(status: number, body: string): LocalReply {
  return { status, headers: body === '' ? [] : TEXT, body };
}

/** Envoy's answer to an overflow, byte for byte, with what it is about and when to come back. */
export function overflowReply(overflow: Overflow): LocalReply {
  const headers = [
    ...TEXT,
    'x-envoy-overloaded',
    'true',
    'x-breakwater-reason',
    `limit=${overflow.limit}; scope="${overflow.scope}"; in-use=${overflow.inUse}; max=${overflow.max}`,
  ];
  if (overflow.retryAfterSeconds !== undefined)
    headers.push('retry-after', String(overflow.retryAfterSeconds));
  return { status: 503, headers, body: `${RESET_TEXT}reset reason: overflow` };
}
