export { EndpointTable, type SharedEndpoints } from './endpoint-table.ts';
export { type PickEntry, PickLog } from './pick-log.ts';
export {
  ALL_UNHEALTHY,
  NO_ENDPOINTS,
  Picker,
  type PoolRows,
  poolRows,
  SHED,
} from './picker.ts';
export { PrefixTable, type SharedPrefixes } from './prefix-table.ts';
export { Scraper, type ScrapeTarget } from './scrape/index.ts';
