export { CARRIER_TIMES, LEASE_TIMES } from './election.ts';
export { Elector } from './elector.ts';
export {
  deleteOptions,
  type Lease,
  type LeaseObject,
  type LeaseRecord,
  leaseObject,
  leaseOf,
  leasesPath,
  microTime,
} from './lease.ts';
