export { EndpointTable, type SharedEndpoints } from './endpoint-table.ts';
export { readModelRequest } from './model-request.ts';
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
export { replaceModel } from './replace-model.ts';
export { NO_HEALTHY_UPSTREAM, openAiError, SHED_REPLY } from './replies.ts';
export { Scraper, type ScrapeTarget } from './scrape/index.ts';
