import type { Overflow } from '../limits/index.ts';

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

/**
 * Envoy's answer to an overflow, byte for byte, with what it is about and when to come back.
 * @param named with the scope's name, which is for operators: it holds names of routes, policies and namespaces
 */
export function overflowReply(overflow: Overflow, named: boolean): LocalReply {
  const headers = [...TEXT, 'x-envoy-overloaded', 'true', ...overflowHeaders(overflow, named)];
  return { status: 503, headers, body: `${RESET_TEXT}reset reason: overflow` };
}

/** What we add to Envoy's words: name, value, … */
export function overflowHeaders(
  { limit, scope, inUse, max, retryAfterSeconds }: Overflow,
  named: boolean,
): string[] {
  const reason = `limit=${limit}; ${named ? `scope="${scope}"; ` : ''}in-use=${inUse}; max=${max}`;
  return [
    'x-breakwater-reason',
    reason,
    ...(retryAfterSeconds === undefined ? [] : ['retry-after', String(retryAfterSeconds)]),
  ];
}
