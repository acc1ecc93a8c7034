import type { Route } from '../../plan/index.ts';
import type { Framing } from '../codec/body-form.ts';
import type { UpstreamRequest } from '../codec/upstream-request.ts';
import type { TryOptions } from '../codec/upstream-stream.ts';
import type { ProxyLimits } from '../defaults.ts';

/** @param framing of the client @param fresh on a connection of its own */
export function tryOptions(
  request: UpstreamRequest,
  framing: Framing,
  { timeouts, retry }: Route,
  { maxHeadBytes, maxHeaders }: ProxyLimits,
  fresh: boolean,
): TryOptions {
  return {
    request,
    framing,
    fresh,
    maxHeadBytes,
    maxHeaders,
    timeoutMs: timeouts.backendRequestMs ?? retry?.perTryTimeoutMs ?? 0,
    // What has begun cannot be tried again: Envoy lets it go on.
    timeoutUntil: retry === undefined ? 'end' : 'head',
  };
}
