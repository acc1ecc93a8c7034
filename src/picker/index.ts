export type { SharedTable } from './bounded-table.ts';
export type { PickOutcome } from './external/pick-answer.ts';
export { PickCounters } from './external/pick-counters.ts';
export { addExternalPickMetrics } from './external/pick-metrics.ts';
export type { PickerClientParts } from './external/picker-client.ts';
export { type ExternalPicking, PickerClients } from './external/picker-clients.ts';
export { PickerLog } from './external/picker-log.ts';
export type { Placement } from './external/placement.ts';
export { LeftOutLog } from './left-out-log.ts';
export { type PickEntry, PickLog } from './pick-log.ts';
export {
  ALL_UNHEALTHY,
  type Footprint,
  NO_ENDPOINTS,
  SHED,
  UNPICKED_REASONS,
} from './pick-result.ts';
export { Picker } from './picker.ts';
export { PLUGIN_CATALOG } from './plugins/catalog.ts';
export { needsBody, type PoolRows, poolRows, rowsOf } from './pool-rows.ts';
export { PrefixTable } from './prefix-table.ts';
export { failingRoute, reducedPlan } from './reduced-plan.ts';
export { ResponseOwners } from './response-owners.ts';
export { Rows, TABLE_ROWS, type Tables } from './rows.ts';
