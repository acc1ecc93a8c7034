import type { RouteTimeouts } from '../../plan/index.ts';
import type { PoolChoice, Target } from '../../request/index.ts';

/** What a stream is about: a pool, and the limits that its requests count in. */
export interface PoolTarget extends Target {
  readonly choice: PoolChoice;
  /** The pick depends on what is in the body. */
  readonly needsBody: boolean;
  /** Of the route by which its requests come; undefined: not known. */
  readonly timeouts: RouteTimeouts | undefined;
}
