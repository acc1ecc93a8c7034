export type * from './cluster.ts';
export type * from './cors.ts';
export * from './limit.ts';
export type * from './listener.ts';
export type * from './plan.ts';
export * from './pool.ts';
export type * from './pool-holders.ts';
export * from './route.ts';
export type * from './tls.ts';
