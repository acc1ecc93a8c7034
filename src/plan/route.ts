import type { Cors } from './cors.ts';
import type { ObjectRef } from './object-ref.ts';

/** One match of one rule of an HTTPRoute. */
export interface Route {
  /** Envoy Gateway's name: `httproute/NAMESPACE/NAME/rule/N/match/M/HOST` (dots of the host as `_`, `*` for any). */
  readonly name: string;
  readonly source: ObjectRef;
  readonly ruleIndex: number;
  readonly match: RouteMatch;
  /** RequestHeaderModifier. */
  readonly requestHeaders: HeaderMutation;
  /** ResponseHeaderModifier. */
  readonly responseHeaders: HeaderMutation;
  readonly rewrite?: UrlRewrite;
  /** Of routes that forward; others answer without it. */
  readonly cors?: Cors;
  readonly mirrors: readonly Mirror[];
  readonly action: RouteAction;
  readonly timeouts: RouteTimeouts;
  readonly retry?: RetryPolicy;
  readonly fault?: Fault;
  /** BackendTrafficPolicy `requestBuffer.limit`: the body is buffered whole; a larger one gets 413. Bytes. */
  readonly requestBufferLimitBytes?: number;
}

export interface RouteMatch {
  readonly path: PathMatch;
  readonly method?: string;
  /** All must match. Names in lower case. */
  readonly headers: readonly ValueMatch[];
  readonly queryParams: readonly ValueMatch[];
}

/** A PathPrefix matches whole path elements: `/abc` matches `/abc`, `/abc/` and `/abc/def`, not `/abcd`. No trailing slash. */
export interface PathMatch {
  readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression';
  readonly value: string;
}

/** Takes every value: stands for an expression that cannot be compiled, where requests that may be meant are answered with 500. */
export const ANY_VALUE = '.*';

export interface ValueMatch {
  readonly type: 'Exact' | 'RegularExpression';
  readonly name: string;
  readonly value: string;
}

/** Names as written (sent so); compared without regard to case. */
export interface HeaderMutation {
  readonly set: readonly HeaderValue[];
  readonly add: readonly HeaderValue[];
  readonly remove: readonly string[];
}

export interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

export type PathModifier =
  | { readonly type: 'ReplaceFullPath'; readonly value: string }
  | { readonly type: 'ReplacePrefixMatch'; readonly value: string };

export interface UrlRewrite {
  readonly hostname?: string;
  readonly path?: PathModifier;
}

export type RouteAction =
  | { readonly kind: 'forward'; readonly backends: readonly WeightedBackend[] }
  | {
      readonly kind: 'redirect';
      readonly scheme?: 'http' | 'https';
      readonly hostname?: string;
      readonly port?: number;
      readonly path?: PathModifier;
      readonly statusCode: 301 | 302 | 303 | 307 | 308;
    }
  | {
      readonly kind: 'direct';
      readonly status: number;
      readonly body: string;
      /** Why, in words for operators: what cannot be served or applied, by name. */
      readonly reason: string;
    };

/** A backendRef with weight 0 is left out. An empty list, or a sum of 0, is 500 for every request (HTTPRouteRule.backendRefs). */
export interface WeightedBackend {
  readonly weight: number;
  readonly target: BackendTarget;
  /** Filters of the backendRef itself. */
  readonly requestHeaders: HeaderMutation;
  readonly responseHeaders: HeaderMutation;
}

/** `invalid` answers its own share: 500 for a reference that does not resolve, 503 for a backend without endpoints. */
export type BackendTarget =
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'invalid'; readonly status: 500 | 503; readonly reason: string };

export interface Mirror {
  readonly cluster: string;
  /** 0..1 */
  readonly ratio: number;
}

/** 0 means none (GEP-1742). Absent means the plane's default. Milliseconds. */
export interface RouteTimeouts {
  /** From the request's first byte until the response has been sent. */
  readonly requestMs?: number;
  /** One try, until the response has come in. */
  readonly backendRequestMs?: number;
  /** Without a byte in either direction, from the request's head on. */
  readonly streamIdleMs?: number;
  /** From the request's head until the response has been sent, of upgraded connections too. */
  readonly maxStreamMs?: number;
}

/** Without a policy: models may think for long before they say a word, and between two words. Envoy Gateway's base where a route has a time-out. */
export const DEFAULT_STREAM_IDLE_MS = 3_600_000;

/** Other endpoints that are tried after a connection that was refused or timed out, where no policy says how many retries there are. */
export const CONNECT_RETRIES = 5;

/** Methods of requests that may have been served and may be sent once more (RFC 9110 section 9.2.2). */
export const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
]);

export interface RetryPolicy {
  /** Retries after the first try. */
  readonly attempts: number;
  /** Statuses of the backend that are tried again. */
  readonly statusCodes: readonly number[];
  /** Envoy's retry_on conditions that are not about a status. */
  readonly on: readonly (
    | 'connect-failure'
    | 'reset'
    | 'reset-before-request'
    | 'refused-stream'
    | 'retriable-4xx'
    | '5xx'
    | 'gateway-error'
    | 'timeout'
  )[];
  /** Base interval of the fully jittered exponential back-off. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  readonly perTryTimeoutMs?: number;
}

export interface Fault {
  /** Percentages 0..100. */
  readonly delay?: { readonly fixedMs: number; readonly percentage: number };
  readonly abort?: { readonly status: number; readonly percentage: number };
}

export const NO_HEADER_MUTATION: HeaderMutation = { set: [], add: [], remove: [] };
