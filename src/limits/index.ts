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
