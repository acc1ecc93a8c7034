import { readsBody } from '../../request/index.ts';
import type { RequestBody } from '../codec/request-body.ts';
import type { RequestHead } from '../codec/request-head.ts';
import type { ProxyLimits } from '../defaults.ts';
import type { Forward } from '../request-context.ts';

/**
 * A request's body is read whole before anything is sent, up to so many bytes; undefined: it is passed on as it comes.
 * @param body what is known of it: what it declares, and what has come
 */
export function wholeUpTo(
  { route, cluster }: Forward,
  head: RequestHead,
  body: RequestBody,
  bounds: ProxyLimits,
): number | undefined {
  if (head.facts.upgrade !== undefined) return undefined;
  if (route.requestBufferLimitBytes !== undefined) return route.requestBufferLimitBytes;
  if (readsBody(cluster, head.target)) return bounds.maxBodyBytes;
  const keep = keepUpTo(route.retry !== undefined, route.mirrors.length > 0, bounds);
  return knownBytes(body) <= keep ? keep : undefined;
}

/** The body has at least so many bytes. */
export function knownBytes({ declaredLength, length }: RequestBody): number {
  return Math.max(declaredLength, length);
}

/** What is sent a second time must be kept: a larger body is passed on, but neither retried nor mirrored. */
function keepUpTo(retried: boolean, mirrored: boolean, bounds: ProxyLimits): number {
  if (mirrored) return bounds.maxBodyBytes;
  return retried ? bounds.retryBufferBytes : -1;
}
