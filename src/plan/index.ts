export type * from './cluster.ts';
export * from './limit.ts';
export type * from './listener.ts';
export type * from './plan.ts';
export * from './pool.ts';
export type * from './pool-holders.ts';
export * from './route.ts';
