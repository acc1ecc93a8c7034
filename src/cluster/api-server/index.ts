export { ApiServer } from './api-server.ts';
export { loadApiServer } from './load-config.ts';
