import type { Route } from '../../plan/index.ts';
import type { ProxyLimits } from '../defaults.ts';
import type { TryOptions } from '../http1/upstream/try-events.ts';
import type { Upload } from './first-write.ts';

/** @param fresh on a connection of its own */
export function tryOptions(
  upload: Upload,
  { timeouts, retry }: Route,
  { maxHeadBytes, maxHeaders }: ProxyLimits,
  fresh: boolean,
): TryOptions {
  return {
    method: upload.method,
    firstWrite: upload.firstWrite,
    wholeRequest: upload.whole,
    fresh,
    upgrade: upload.upgrade,
    maxHeadBytes,
    maxHeaders,
    timeoutMs: timeouts.backendRequestMs ?? retry?.perTryTimeoutMs ?? 0,
    // What has begun cannot be tried again: Envoy lets it go on.
    timeoutUntil: retry === undefined ? 'end' : 'head',
  };
}
