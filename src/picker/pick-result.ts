import type { PickEntry } from './pick-log.ts';

/** What a request leaves at the endpoint that serves it. */
export interface Footprint {
  /** Hash of the adapter's or model's name; 0 for none. */
  readonly model: number;
  /** Hashes of the prompt's blocks: a list, which costs an eighth of an Int32Array to make. */
  readonly blocks: readonly number[];
}

/** Why no endpoint was picked. */
export const NO_ENDPOINTS = -1;
export const ALL_UNHEALTHY = -2;
export const SHED = -3;

/** {@link NO_ENDPOINTS}, {@link ALL_UNHEALTHY} and {@link SHED} in words, for the decision. */
export const UNPICKED_REASONS: Readonly<Record<number, string>> = {
  [NO_ENDPOINTS]: 'the pool has no ready endpoints',
  [ALL_UNHEALTHY]:
    "every endpoint is ejected or fails its health check, the policy's panicThreshold is 0, and the pool's failureMode is FailClose",
  [SHED]: 'all model servers are saturated, and the request is sheddable',
};

/** One pick, as it was: a request may have several. */
export interface PickResult {
  /** Into the pool's endpoints, or {@link NO_ENDPOINTS}, {@link ALL_UNHEALTHY} or {@link SHED}. */
  readonly index: number;
  /** The next best; -1: there was none. */
  readonly runnerUp: number;
  /** Who else could serve it, best first, no more than were asked for. */
  readonly fallbacks: readonly number[];
  readonly footprint: Footprint;
  /** What was weighed. */
  readonly entry: PickEntry;
}

export const NO_BLOCKS: readonly number[] = [];
export const NO_FOOTPRINT: Footprint = { model: 0, blocks: NO_BLOCKS };
export const NO_FALLBACKS: readonly number[] = [];
