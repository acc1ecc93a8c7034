import { ACTIVE, type Limits, type Overflow, type Permit, type ScopeHandle } from '../limits/index.ts';
import type { Target } from './request-target.ts';

/**
 * When a request takes its permit: as Envoy does, when a connection is there for it (a request that waits for one counts as pending);
 * or with the pick, where it is Envoy that has the connections.
 */
export type PermitAt = 'connection' | 'pick';

/** The scope that has no room now for a request that comes: a look, nothing is taken. */
export function fullScope(
  limits: Limits,
  { scope, poolScope, ownership }: Target,
  at: PermitAt,
  nowMs: number,
): ScopeHandle | undefined {
  const foreign = ownership.foreign(nowMs);
  if (scope !== undefined && isFull(limits, scope, foreign, at)) return scope;
  return poolScope !== undefined && isFull(limits, poolScope, foreign, at) ? poolScope : undefined;
}

/** The refusal of a request that is sure to be refused now. */
export function sureOverflow(
  limits: Limits,
  target: Target,
  at: PermitAt,
  nowMs: number,
): Overflow | undefined {
  const scope = fullScope(limits, target, at, nowMs);
  if (scope === undefined) return undefined;
  const overflow = limits.refuse(scope, 'maxParallelRequests');
  const foreign = target.ownership.foreign(nowMs);
  return foreign === 0 ? overflow : { ...overflow, inUse: overflow.inUse + foreign };
}

/** A permit of both scopes, or nothing is held; undefined where nothing limits the target. */
export function acquirePermit(limits: Limits, target: Target, nowMs: number): Permit | Overflow | undefined {
  const { scope, poolScope, ownership } = target;
  const first = scope ?? poolScope;
  if (first === undefined) return undefined;
  // What another process let go counts as well: the table does not have it.
  if (ownership.foreign(nowMs) > 0) {
    const overflow = sureOverflow(limits, target, 'pick', nowMs);
    if (overflow !== undefined) return overflow;
  }
  return limits.acquire(first, scope === undefined ? undefined : poolScope, nowMs);
}

/** What is in use: our own permits, and those of others. */
function isFull(limits: Limits, scope: ScopeHandle, foreign: number, at: PermitAt): boolean {
  // With every connection busy a request queues for one before it counts.
  if (at === 'connection') return limits.isFull(scope, undefined);
  return limits.table.inUse(scope.slot, ACTIVE) + foreign >= scope.thresholds.maxParallelRequests;
}
