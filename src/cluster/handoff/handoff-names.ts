import type { LeaseObject } from '../leases/index.ts';

const LEAVING = 'breakwater-leaving-';

/** Annotation of a Lease: what a replica that is stopping still has in use. */
export const IN_USE_ANNOTATION = 'breakwater.dev/in-use';

/** Times of the Lease of one that is stopping, in milliseconds. */
export const LEAVING_TIMES = {
  /**
   * A request to the API server. Well below the time after which a replica leads whose Lease could not be read: an API server that was
   * away is back sooner.
   */
  requestMs: 1_000,
  /** At most so often what is in use is written anew, when it has changed. */
  betweenMs: 500,
  /** And so often when it has not. */
  renewMs: 2_000,
  /** One that has not renewed for so long is gone, and its connections with it. */
  leaseDurationMs: 15_000,
  /** No request in flight lives longer in a process that is stopping, nor does that. */
  longestMs: 630_000,
} as const;

/** Of one life of a replica: what another one of the same name has said is not mixed up with it. */
export function leavingLeaseName(pod: string, token: string): string {
  return `${LEAVING}${pod.slice(0, 200)}-${token.slice(0, 8)}`;
}

/** Whether it is of one that is stopping. */
export function isLeaving({ metadata }: LeaseObject): boolean {
  return metadata.name.startsWith(LEAVING) && metadata.annotations?.[IN_USE_ANNOTATION] !== undefined;
}
