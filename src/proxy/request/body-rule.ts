import type { ProxyLimits } from '../defaults.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { RequestBody } from './request-body.ts';
import type { Forward } from './resolve.ts';

/** How a request's body is to be taken. */
export interface BodyRule {
  /** It is read whole before anything is sent, up to so many bytes; undefined: it is passed on as it comes. */
  readonly wholeUpTo: number | undefined;
  /** It is too large, by what is known of it. */
  readonly refused: boolean;
}

const STREAMED: BodyRule = { wholeUpTo: undefined, refused: false };

/** @param body what is known of it: what it declares, and what has come */
export function bodyRule(
  { route, cluster }: Forward,
  head: RequestHead,
  body: RequestBody,
  bounds: ProxyLimits,
): BodyRule {
  if (head.facts.upgrade !== undefined) return STREAMED;
  const known = Math.max(body.declaredLength, body.length);
  const buffered = route.requestBufferLimitBytes;
  if (buffered !== undefined) return { wholeUpTo: buffered, refused: known > buffered };
  // The model that is asked for decides where a request to a pool goes.
  if (cluster.cluster.kind === 'pool')
    return { wholeUpTo: bounds.maxBodyBytes, refused: known > bounds.maxBodyBytes };
  const keep = keepUpTo(route.retry !== undefined, route.mirrors.length > 0, bounds);
  return known <= keep ? { wholeUpTo: keep, refused: false } : STREAMED;
}

/** What is sent a second time must be kept: a larger body is passed on, but neither retried nor mirrored. */
function keepUpTo(retried: boolean, mirrored: boolean, bounds: ProxyLimits): number {
  if (mirrored) return bounds.maxBodyBytes;
  return retried ? bounds.retryBufferBytes : -1;
}
