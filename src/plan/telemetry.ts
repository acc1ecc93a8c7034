/** What the Envoys of a Gateway tell of requests, and to whom. Only where the plan is for them. */
export interface Telemetry {
  /** Absent: a line of JSON for each request, on standard output. */
  readonly accessLogs?: readonly AccessLog[];
  /** Absent: none. */
  readonly tracing?: Tracing;
  /** What `x-request-id` has to do with traces; absent: both. */
  readonly requestId?: RequestIdTracing;
  /** What is counted of clusters besides the usual. */
  readonly clusterStats?: ClusterStats;
}

export interface RequestIdTracing {
  /** The decision to sample is written in it. */
  readonly pack: boolean;
  /** The decision is made by it. */
  readonly sample: boolean;
}

export interface ClusterStats {
  readonly perEndpoint: boolean;
  readonly requestResponseSizes: boolean;
}

export interface AccessLog {
  /** `listener`: of connections that never became a request, too. */
  readonly of: 'requests' | 'listener';
  /** CEL; what does not meet all is left out. */
  readonly matches: readonly string[];
  readonly sink: LogSink;
}

/** Strings have Envoy's command operators (`%RESPONSE_CODE%`). */
export type LogSink =
  | { readonly kind: 'file'; readonly path: string; readonly format: LogFormat }
  | {
      /** envoy.service.accesslog.v3 */
      readonly kind: 'als';
      readonly type: 'HTTP' | 'TCP';
      readonly collector: Collector;
      readonly logName: string;
      readonly requestHeaders: readonly string[];
      readonly responseHeaders: readonly string[];
      readonly responseTrailers: readonly string[];
    }
  | {
      readonly kind: 'openTelemetry';
      readonly collector: Collector;
      readonly body?: string;
      /** Absent, and no body: the default fields. */
      readonly attributes?: Readonly<Record<string, string>>;
      readonly resourceAttributes: Readonly<Record<string, string>>;
    };

export type LogFormat =
  | { readonly kind: 'text'; readonly text: string }
  /** Absent fields: the default ones. */
  | { readonly kind: 'json'; readonly fields?: Readonly<Record<string, string>> };

/** Whom it is sent to, by gRPC. */
export interface Collector {
  /** {@link Cluster.name} */
  readonly cluster: string;
  /** Of the requests; absent: the cluster's name. */
  readonly authority?: string;
  /** Metadata of each call. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** OpenTelemetry. Samples are in percent, 0..100. */
export interface Tracing {
  readonly collector: Collector;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly randomSampling: number;
  /** Of requests that ask for it by header. */
  readonly clientSampling: number;
  /** Of all that are sampled otherwise. */
  readonly overallSampling: number;
  readonly tags: readonly TraceTag[];
  /** Decides in place of {@link randomSampling}, which is 100 then. */
  readonly sampler?: TraceSampler;
}

/** OpenTelemetry's samplers. */
export interface TraceSampler {
  /** The caller's decision counts, where it has made one. */
  readonly parentBased: boolean;
  /** 0..100; absent: every trace, whatever its id. */
  readonly percent?: number;
}

export type TraceTag =
  | { readonly kind: 'literal'; readonly tag: string; readonly value: string }
  | {
      readonly kind: 'environment' | 'requestHeader';
      readonly tag: string;
      readonly name: string;
      readonly defaultValue: string;
    };
