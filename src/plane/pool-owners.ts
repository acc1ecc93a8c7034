/**
 * Which replica holds the permits of which pool. At any time at most one replica does, by its own view; each replica knows of
 * each pool where its holder is, so that every Envoy is sent there.
 */
export interface PoolOwners {
  /** IP address (the POD_IP) of the holder; undefined: nobody holds it now. @param pool Pool.name: `NAMESPACE/NAME` */
  ownerOf(pool: string): string | undefined;
  /** This replica's own hold of a pool; undefined: it must not grant. To be asked at each pick: a hold ends with time alone. */
  held(pool: string): HeldPool | undefined;
  /** Called when {@link ownerOf} or {@link held} of some pool has changed. Returns what ends the subscription. */
  onChange(listener: () => void): () => void;
}

/**
 * A new object each time that this replica comes to hold the pool. Another may have held it before: what that one let go may still
 * be in flight, and what model servers report as running counts until it must have ended.
 */
export interface HeldPool {
  /** Since when, on the monotonic clock (`monotonicMs()`). */
  readonly sinceMs: number;
}
