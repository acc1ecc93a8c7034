export type { SharedTable } from './bounded-table.ts';
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
export { ResponseOwners } from './response-owners.ts';
