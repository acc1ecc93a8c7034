import type { Acceptance, Plan, PlaneKind, PlaneReport } from '../plan/index.ts';
import type { InUse } from './in-use.ts';

/** A data plane: what serves a Plan. The embedded one is the first form; Envoy is another. */
export interface Plane {
  readonly kind: PlaneKind;
  /** Takes over the whole plan or none of it. */
  apply(plan: Plan): Promise<PlaneReport>;
  /** Of planes whose servers come and go by themselves: how they stand now to the plan that was applied last. */
  report?(): PlaneReport;
  /** Called when {@link report} has changed. Returns what ends the subscription. */
  onReport?(listener: () => void): () => void;
  /** The decision about a request that is not long ago, as plain data; undefined when none is kept. */
  explain(requestId: string): Promise<unknown>;
  /** What is in use now. */
  snapshot(): Promise<PlaneSnapshot>;
  /** Prometheus text format 0.0.4. */
  metricsText(): Promise<string>;
  /** Of planes that carry the bytes, where others do too: whom it serves from now on. At first: all. */
  setAcceptance?(acceptance: Acceptance): void;
  /** Of planes that {@link setAcceptance}: what other processes have in use counts here too, in place of what was said before. */
  countElsewhere?(inUse: InUse): void;
  /**
   * Of the same: what is in use here, at the most, from now on. What is free is left to other processes for good, and plans are not
   * taken over any more. Asked again, it has become less.
   */
  handOver?(): InUse;
  /**
   * Of the same, once another process follows: connections that come still are led on to it.
   * @param host where it listens on the same ports; undefined: not known yet, they wait
   */
  leadOn?(host: string | undefined): void;
  /** Takes no new requests, and resolves when none are in flight or the time is over. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface PlaneSnapshot {
  readonly limits: readonly LimitCounts[];
  readonly endpoints: readonly EndpointCounts[];
}

/** What is in use of one scope, over all workers. */
export interface LimitCounts {
  /** LimitScope.name */
  readonly scope: string;
  /** Requests in flight. */
  readonly active: number;
  /** Requests that wait for a connection. */
  readonly pending: number;
  readonly connections: number;
  readonly retries: number;
  /** Refusals since the start, by the name of the limit (`maxParallelRequests`). */
  readonly overflow: Readonly<Record<string, number>>;
  /** Of these, what other replicas have that are stopping; absent: nothing. In the order of the four counts. */
  readonly elsewhere?: readonly number[];
}

/** A model server as the picker sees it. */
export interface EndpointCounts {
  /** Pool.name */
  readonly pool: string;
  /** PoolEndpoint.id */
  readonly id: string;
  /** `available`, or why it gets no requests. */
  readonly state: string;
  /** Requests that this Breakwater has in flight there. */
  readonly inFlight: number;
  /** Scraped figures; absent while unknown. */
  readonly running?: number;
  readonly waiting?: number;
  /** 0..1 */
  readonly kvCacheUsage?: number;
  /** Age of the scraped figures. */
  readonly metricsAgeMs?: number;
  /** What scrapes get instead of figures, or why nothing. */
  readonly metricsProblem?: string;
}
