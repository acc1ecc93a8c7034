export { CARRIER_TIMES, LEASE_TIMES } from './election.ts';
export { Elector } from './elector.ts';
