import type { Plan, PlaneReport } from '../plan/index.ts';

/** A data plane: what serves a Plan. The embedded one is the first form; Envoy is another. */
export interface Plane {
  /** Takes over the whole plan or none of it. */
  apply(plan: Plan): Promise<PlaneReport>;
  /** The decision about a request that is not long ago, as plain data. */
  explain(requestId: string): Promise<unknown>;
  /** What is in use now. */
  snapshot(): Promise<PlaneSnapshot>;
  /** Prometheus text format 0.0.4. */
  metricsText(): Promise<string>;
  /** Takes no new requests, and resolves when none are in flight or the time is over. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}
