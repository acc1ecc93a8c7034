/** What one process has in use of limits and in flight at endpoints, by the names of their rows. What has nothing is left out. */
export interface InUse {
  /** Name of a LimitScope, or `SCOPE#ENDPOINT` → requests in flight, requests that wait for a connection, connections, retries. */
  readonly limits: ReadonlyMap<string, readonly number[]>;
  /** `POOL-OR-CLUSTER#ENDPOINT` → requests in flight. */
  readonly endpoints: ReadonlyMap<string, number>;
}
