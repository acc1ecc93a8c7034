export { ClusterBreaker } from './breaker.ts';
export { monotonicMs } from './clock.ts';
export {
  DEFAULT_BREAKER,
  type HealthState,
  HealthTable,
  type SharedHealth,
} from './health.ts';
export { defaultHeldBodyBytes } from './held-bodies.ts';
export {
  ACTIVE,
  CONNECTIONS,
  COUNTS,
  type Count,
  LimitTable,
  PENDING,
  RETRIES,
  type SharedLimits,
  UNBOUNDED,
} from './limit-table.ts';
export { type LimitName, Limits, type Overflow, Permit, type ScopeHandle } from './limits.ts';
export { panics } from './panic.ts';
export { rowBits, SlotMap } from './slot-map.ts';
