import type { BackendTls } from './tls.ts';

/**
 * Where one backendRef of one route rule sends its requests: also the scope of its limit.
 * Clusters of mirrors are their own.
 */
export interface Cluster {
  /** Envoy Gateway's names: `httproute/NS/NAME/rule/N`, with `/backend/M` where a rule has several backendRefs; `…/rule/N-mirror-M`. */
  readonly name: string;
  /** Pool clusters take their endpoints and picks from {@link pool}; the others balance over {@link endpoints}. */
  readonly kind: 'pool' | 'service' | 'backend';
  /** {@link Pool.name}, for kind `pool`. */
  readonly pool?: string;
  /** Empty for kind `pool`. */
  readonly endpoints: readonly ClusterEndpoint[];
  /** Scope that the circuit breaker of this cluster counts in. */
  readonly limit: string;
  /** Scope of a policy on the InferencePool itself: counts over all routes to it, in addition. */
  readonly poolLimit?: string;
  /** Absent: plain text. */
  readonly tls?: BackendTls;
  /** HTTP/2 from the first byte on; only where the plan is for a plane that speaks it. */
  readonly http2?: true;
  /** Milliseconds. Envoy Gateway's default: 10 s. */
  readonly connectTimeoutMs: number;
  /** An idle upstream connection is closed after this; 0 means never. The default, 4 s, is below the 5 s of vLLM (uvicorn). */
  readonly idleTimeoutMs: number;
  /** The life of a connection is bounded by this; absent means unbounded. */
  readonly maxConnectionDurationMs?: number;
  /** BackendTrafficPolicy healthCheck.passive. */
  readonly outlierDetection?: OutlierDetection;
  /** BackendTrafficPolicy healthCheck.active. */
  readonly activeHealthCheck?: ActiveHealthCheck;
  /** Share of healthy hosts (0..100) below which health is ignored. Envoy's default: 50. */
  readonly panicThresholdPercent: number;
}

export interface ClusterEndpoint {
  /** IP address, or a host name to resolve. */
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

/** Envoy's outlier detection, field by field (envoy.config.cluster.v3.OutlierDetection). */
export interface OutlierDetection {
  readonly intervalMs: number;
  readonly baseEjectionTimeMs: number;
  readonly maxEjectionPercent: number;
  /** One may be ejected whatever the share is. Absent: yes. */
  readonly alwaysEjectOne?: boolean;
  /** 0: off. */
  readonly consecutive5xx: number;
  readonly consecutiveGatewayErrors: number;
  readonly consecutiveLocalOriginFailures: number;
  readonly splitExternalLocalOriginErrors: boolean;
}

export interface ActiveHealthCheck {
  readonly type: 'HTTP' | 'TCP' | 'GRPC';
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  /** HTTP only. */
  readonly http?: {
    readonly path: string;
    readonly method: string;
    readonly hostname?: string;
    readonly expectedStatuses: readonly number[];
  };
}
