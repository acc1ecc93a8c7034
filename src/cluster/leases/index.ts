export {
  type Lease,
  type LeaseObject,
  type LeaseRecord,
  leaseObject,
  leaseOf,
  microTime,
} from './lease.ts';
export { LeaseClient } from './lease-client.ts';
