export { PoolLeases } from './pool-leases.ts';
