/** Which cross-origin requests browsers may make (Gateway API, HTTPCORSFilter; Envoy's CORS filter). */
export interface Cors {
  /** None matches: no origin is allowed. */
  readonly origins: readonly CorsOrigin[];
  /** `*` alone: any. */
  readonly allowMethods: readonly string[];
  /** `*` alone: any. */
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number;
}

/** An `Origin` as browsers send it; a regular expression matches the whole of it. */
export interface CorsOrigin {
  readonly type: 'Exact' | 'RegularExpression';
  readonly value: string;
}
