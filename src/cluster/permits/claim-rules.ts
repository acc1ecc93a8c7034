import type { Absence, PoolSeen } from './lease-view.ts';

/**
 * The rules by which one replica at most grants a pool's permits, whoever deletes Leases and however late a watch shows that. By name:
 *
 * - A holder grants while its view shows its own token in the pool's Lease; one that took over a Lease that was there also while the
 *   view still shows that one ({@link isHeld}). It grants only while the view is fresh: it has shown a renewal that was sent less than
 *   `renewDeadline` ago.
 * - Another takes a Lease that is there once its token is dead, and one that is not there once it has been away for
 *   `leaseDuration` in an unbroken watch ({@link isFree}): longer than a holder grants that does not see the deletion. Such a watch
 *   may lag: who has made a Lease grants only once the view has shown it, and `leaseDuration` after it showed that another's was gone.
 */
export interface Claimed {
  /** Version that the view showed when ours was written; undefined: there was no Lease. */
  readonly basis: string | undefined;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

export interface ClaimContext {
  /** Of this life of this replica. */
  readonly token: string;
  /** The view shows all that was written before this. */
  readonly freshAtMs: number;
  readonly nowMs: number;
  readonly leaseDurationMs: number;
}

/** Whether a pool is held, as far as its Lease says. */
export function isHeld(
  claimed: Claimed | undefined,
  seen: PoolSeen | undefined,
  { token, freshAtMs, nowMs, leaseDurationMs }: ClaimContext,
): boolean {
  if (seen === undefined) return false;
  if (seen.lease.record.token === token) return nowMs >= seen.othersGoneAtMs + leaseDurationMs;
  // The view shows what came after our write, and ours is not there: somebody has taken or deleted it.
  if (claimed === undefined || freshAtMs > claimed.answeredAtMs) return false;
  return seen.lease.version === claimed.basis;
}

/**
 * Whether a pool's Lease may be taken or made.
 * @param absence where `seen` is not there
 */
export function isFree(
  seen: PoolSeen | undefined,
  absence: Absence | undefined,
  isDead: (token: string) => boolean,
  token: string,
  nowMs: number,
  leaseDurationMs: number,
): boolean {
  if (seen !== undefined) return isDead(seen.lease.record.token);
  // Nobody else has had it since this replica did, which does not grant it any more.
  if (absence?.token === token) return true;
  return absence !== undefined && nowMs >= absence.sinceMs + leaseDurationMs;
}
