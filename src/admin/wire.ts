import type { StoredObject } from '../control/object-store.ts';
import type { EndpointCounts } from '../plane/index.ts';

/** What goes over the admin API, for its clients. Paths are in docs/reference/admin-api.md. */

/** `GET /v1/kinds`: the kinds of objects that can be asked for. */
export interface KindInfo {
  readonly kind: string;
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

/** `GET /v1/objects?kind&group&namespace`. */
export interface ObjectList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly StoredObject[];
}

/** Objects of one `POST /v1/apply` or `POST /v1/delete`: what takes and serves them holds up nothing else for long. */
export const MAX_OBJECTS = 5000;

/** `POST /v1/apply`. */
export interface ApplyRequest {
  readonly objects: readonly unknown[];
}

/** What became of one object; in the order of the request. */
export interface ApplyResult {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly outcome: 'created' | 'configured' | 'unchanged' | 'invalid';
  /** For `invalid`: what an API server would say. */
  readonly message?: string;
  readonly warnings: readonly string[];
}

export interface ApplyResponse {
  readonly results: readonly ApplyResult[];
}

export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for kinds without a namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** `POST /v1/delete`. */
export interface DeleteRequest {
  readonly refs: readonly ObjectKey[];
}

/** Whether each was there, in the order of the request. */
export interface DeleteResponse {
  readonly deleted: readonly boolean[];
}

/** `GET /v1/limits`: one scope of a circuit breaker. */
export interface LimitView {
  /** Cluster name, or `inferencepool/NAMESPACE/NAME`. */
  readonly scope: string;
  /** `NAMESPACE/NAME` of the BackendTrafficPolicy that set it; absent for the defaults. */
  readonly policy?: string;
  readonly limits: readonly LimitUse[];
}

export interface LimitUse {
  /** `maxParallelRequests`, `maxPendingRequests`, `maxConnections`, `maxParallelRetries`. */
  readonly name: string;
  readonly inUse: number;
  /** Absent where another rule counts instead, as a retry budget does. */
  readonly limit?: number;
  /** Requests refused since the start. */
  readonly refused: number;
}

/** `GET /v1/endpoints`: a model server of a pool, as the picker sees it. */
export interface EndpointView extends EndpointCounts {
  readonly pod?: string;
}

/** `GET /v1/decisions/REQUEST-ID`: why a request went where it went, or was refused. */
export interface DecisionView {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The route that matched, by its name in the plan; absent where none did. */
  readonly route?: string;
  /** The backendRef that was drawn. */
  readonly cluster?: string;
  /** `NAMESPACE/NAME`; absent where no pool was asked. */
  readonly pool?: string;
  /** As the client asked for it. */
  readonly model?: string;
  /** As it was sent upstream. */
  readonly targetModel?: string;
  readonly criticality?: string;
  /** What became of the request: `picked`, `shed`, `overflow`, `none`, `replied` (without a backend), `cancelled`. */
  readonly verdict: string;
  /** `IP:PORT` */
  readonly endpoint?: string;
  /** Those that work for the request beside it, where it is not the only one: as `prefill`. */
  readonly others?: readonly { readonly role: string; readonly endpoint: string }[];
  /** The next best. */
  readonly runnerUp?: string;
  /** In words, where the verdict does not say it all. */
  readonly reason?: string;
  /** What the limits said. */
  readonly permit?: {
    readonly scope: string;
    readonly granted: boolean;
    readonly limit?: string;
    readonly inUse?: number;
    readonly max?: number;
  };
  /** Tries before the last, with what came of them: a status or the kind of failure. */
  readonly tries?: readonly { readonly endpoint: string; readonly outcome: string }[];
  /** Of the answer; 0 when the client left before one; absent while the request goes on. */
  readonly status?: number;
  readonly durationMs?: number;
  /** What Envoy says of it, within a second of its end; on the Envoy plane only. */
  readonly envoy?: EnvoyView;
  readonly candidates: readonly CandidateView[];
}

export interface EnvoyView {
  /** Of the answer that the client got; 0: none. */
  readonly status: number;
  /** Envoy's response flags: `UO` for a refusal by one of its own thresholds, and so on. */
  readonly flags: readonly string[];
  /** `%RESPONSE_CODE_DETAILS%` */
  readonly details: string;
  /** `IP:PORT` that was asked last; absent where none was. */
  readonly upstream?: string;
  readonly durationMs: number;
  /** To the first byte of the model server's answer. */
  readonly firstByteMs?: number;
  /** Bodies on the wire. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** How often it was sent to a model server. */
  readonly attempts: number;
  /** Why no connection could be made. */
  readonly failure?: string;
}

export interface CandidateView {
  readonly endpoint: string;
  /** Name of the filter that removed it. */
  readonly removedBy?: string;
  readonly inFlight: number;
  /** Scraped, with their age; absent where never scraped. */
  readonly metrics?: {
    readonly running: number;
    readonly waiting: number;
    /** 0..1 */
    /** Absent: not known. */
    readonly kvCacheUsage?: number;
    readonly ageMs: number;
  };
  readonly scores: readonly { readonly scorer: string; readonly score: number; readonly weight: number }[];
  /** Sum of score × weight. */
  readonly total?: number;
}
