export { CARRIER_TIMES, LEASE_TIMES } from './election.ts';
export { Elector } from './elector.ts';
export { type Lease, type LeaseObject, type LeaseRecord, leaseObject, leaseOf, microTime } from './lease.ts';
