import type { ObjectRef } from './object-ref.ts';

/**
 * What may be in use at once in one scope: one backendRef of one route rule, or one InferencePool over all routes.
 * The meaning of each is Envoy's (envoy.config.cluster.v3.CircuitBreakers), held exactly over all workers.
 */
export interface LimitScope {
  /** The cluster's name, or `inferencepool/NAMESPACE/NAME`. */
  readonly name: string;
  readonly thresholds: Thresholds;
  /** The policy that set the thresholds; absent where they are the defaults. */
  readonly policy?: ObjectRef;
}

export interface Thresholds {
  readonly maxConnections: number;
  /** Requests that wait for a connection. */
  readonly maxPendingRequests: number;
  /** Requests in flight; over it there is no queue, only refusal. */
  readonly maxParallelRequests: number;
  readonly maxParallelRetries: number;
  /** A connection is closed after so many requests; 0 means unlimited. */
  readonly maxRequestsPerConnection: number;
  /** perEndpoint.maxConnections. */
  readonly maxConnectionsPerEndpoint?: number;
  /** Replaces maxParallelRetries: retries in flight ≤ max(minRetryConcurrency, percent of active + pending). */
  readonly retryBudget?: { readonly percent: number; readonly minRetryConcurrency: number };
}

/** Envoy Gateway's defaults. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxParallelRequests: 1024,
  maxParallelRetries: 1024,
  maxRequestsPerConnection: 0,
};
