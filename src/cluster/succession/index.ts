export { Farewell } from './farewell.ts';
export { Lookout } from './lookout.ts';
