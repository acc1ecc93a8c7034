import type { ProxyLimits } from '../../defaults.ts';

/**
 * Whether a request's body comes too late: it stalls, comes so slowly that it never ends, or has not ended after the longest that any
 * may take, however fast it comes.
 * @param quietMs since its last byte
 * @param openMs since its head
 * @param answered while an answer goes out, only stalling counts: both sides may talk for as long as they like
 */
export function bodyIsLate(
  bytes: number,
  quietMs: number,
  openMs: number,
  answered: boolean,
  bounds: Pick<ProxyLimits, 'bodyIdleTimeoutMs' | 'bodyTimeoutMs' | 'minBodyBytesPerMs' | 'maxBodyMs'>,
): boolean {
  const { bodyIdleTimeoutMs, bodyTimeoutMs, minBodyBytesPerMs, maxBodyMs } = bounds;
  if (quietMs > bodyIdleTimeoutMs) return true;
  return !answered && openMs > Math.min(maxBodyMs, bodyTimeoutMs + bytes / minBodyBytesPerMs);
}
