export { backendTlsOptions } from './backend-tls.ts';
export type { SharedTable } from './bounded-table.ts';
export { addressId, endpointKey } from './endpoint-id.ts';
export { EndpointTable, type SharedEndpoints } from './endpoint-table.ts';
export type { PickOutcome } from './external/pick-answer.ts';
export { PickCounters } from './external/pick-counters.ts';
export type { PickerClientParts } from './external/picker-client.ts';
export { type ExternalPicking, PickerClients } from './external/picker-clients.ts';
export { PickerLog } from './external/picker-log.ts';
export type { Placement } from './external/placement.ts';
export { ActiveChecks } from './health-check/active-checks.ts';
export {
  addEndpointMetrics,
  addExternalPickMetrics,
  addLimitMetrics,
  type MetricsRegistry,
  metricsRegistry,
} from './metrics.ts';
export { type PickEntry, PickLog } from './pick-log.ts';
export {
  ALL_UNHEALTHY,
  type Footprint,
  NO_ENDPOINTS,
  SHED,
  UNPICKED_REASONS,
} from './pick-result.ts';
export { Picker, type PickRequest } from './picker.ts';
export { PLUGIN_CATALOG } from './plugins/catalog.ts';
export { needsBody, type PoolRows, poolRows, rowsOf } from './pool-rows.ts';
export { PrefixTable } from './prefix-table.ts';
export { ResponseOwners } from './response-owners.ts';
export { Rows } from './rows.ts';
export { PoolScraping } from './scrape/index.ts';
export {
  type EndpointCounts,
  endpointCounts,
  type LimitCounts,
  limitCounts,
  type Tables,
} from './snapshot.ts';
export { isUnverified } from './unverified.ts';
