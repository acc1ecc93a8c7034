export { ClusterBreaker } from './breaker.ts';
export { addressId, endpointKey } from './endpoint-id.ts';
export {
  type AdapterState,
  type EndpointFigures,
  EndpointTable,
  type SharedEndpoints,
} from './endpoint-table.ts';
export { ActiveChecks } from './health-check/active-checks.ts';
export { DEFAULT_BREAKER, type HealthState, HealthTable, type SharedHealth } from './health-table.ts';
export { nameHash } from './name-hash.ts';
export { panics } from './panic.ts';
export { PoolScraping } from './scrape/index.ts';
