export type { EndpointCounts, LimitCounts, Plane, PlaneSnapshot } from './data-plane.ts';
export type { InUse } from './in-use.ts';
export type { HeldPool, PoolOwners } from './pool-owners.ts';
