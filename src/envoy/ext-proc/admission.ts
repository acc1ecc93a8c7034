import { ACTIVE, type Limits, type Overflow, type Permit, type ScopeHandle } from '../../limits/index.ts';
import type { Target } from './target.ts';

/** The scope that has no room now: a look, nothing is taken. */
export function fullScope(limits: Limits, target: Target, nowMs: number): ScopeHandle | undefined {
  const foreign = target.tenure.foreign(nowMs);
  for (const scope of [target.scope, target.poolScope])
    if (scope !== undefined && isFull(limits, scope, foreign)) return scope;
  return undefined;
}

/** The refusal of a request that is sure to be refused now. */
export function refusal(limits: Limits, target: Target, nowMs: number): Overflow | undefined {
  const scope = fullScope(limits, target, nowMs);
  if (scope === undefined) return undefined;
  const overflow = limits.refuse(scope, 'maxParallelRequests');
  const foreign = target.tenure.foreign(nowMs);
  return foreign === 0 ? overflow : { ...overflow, inUse: overflow.inUse + foreign };
}

/** A permit of both scopes, or nothing is held; undefined where nothing limits the pool. */
export function admit(limits: Limits, target: Target, nowMs: number): Permit | Overflow | undefined {
  const { scope, poolScope } = target;
  const first = scope ?? poolScope;
  if (first === undefined) return undefined;
  return (
    refusal(limits, target, nowMs) ??
    limits.acquire(first, scope === undefined ? undefined : poolScope, nowMs)
  );
}

/** What is in use: our own permits, and what is left of those of a picker before this one. */
function isFull({ table }: Limits, { slot, thresholds }: ScopeHandle, foreign: number): boolean {
  return table.inUse(slot, ACTIVE) + foreign >= thresholds.maxParallelRequests;
}
