export { LEASE_TIMES } from './election.ts';
export { Elector } from './elector.ts';
