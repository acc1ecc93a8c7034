import type { FailureKind } from '../../request/index.ts';
import { type ResponseFlag, responseFlags, VIA_UPSTREAM } from '../response-flags.ts';

/** What Envoy says of a response beside its headers: the attributes that {@link OUTCOME_ATTRIBUTES} asks for. */
export interface Outcome {
  /** Bits of {@link responseFlags}. */
  readonly flags: number;
  /** `%RESPONSE_CODE_DETAILS%` */
  readonly details: string;
  /** `ADDRESS:PORT` of the model server that was asked last; undefined: none was. */
  readonly upstream: string | undefined;
}

/** `response_attributes` of the filter (Envoy's documentation, "Attributes"). */
export const OUTCOME_ATTRIBUTES = ['response.flags', 'response.code_details', 'upstream.address'] as const;

/** What a response says of the model server that was asked. */
export type Meaning =
  /** Its own answer. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly failure: FailureKind; readonly words: string }
  /** A limit of the route ended the request, which `words` name for those of whom no route is known. */
  | { readonly kind: 'timed-out'; readonly limit: LimitedTime; readonly words: string }
  /** One of Envoy's own thresholds had no room: nobody was asked. */
  | { readonly kind: 'overflow'; readonly limit: 'maxPendingRequests' | 'maxParallelRequests' }
  /** Envoy's answer, which says nothing of any model server. */
  | { readonly kind: 'local'; readonly words: string };

/** RouteTimeouts that end a request whatever its endpoint does. */
export type LimitedTime = 'requestMs' | 'streamIdleMs' | 'maxStreamMs';

/** By `%RESPONSE_CODE_DETAILS%`. */
const LIMITED_TIMES: ReadonlyMap<string, LimitedTime> = new Map([
  ['response_timeout', 'requestMs'],
  ['stream_idle_timeout', 'streamIdleMs'],
  ['max_duration_timeout', 'maxStreamMs'],
]);

/** Without its outcome, a response is the model server's. */
export function meaningOf(outcome: Outcome | undefined): Meaning {
  if (outcome === undefined || outcome.details === VIA_UPSTREAM) return { kind: 'answered' };
  const flags = responseFlags(outcome.flags);
  const words = `${flags.join(',')} ${outcome.details}`.trim();
  // A connection had been assigned where the number of requests was at its limit; else the request did not even get one.
  if (flags.includes('UO'))
    return {
      kind: 'overflow',
      limit: outcome.upstream === undefined ? 'maxPendingRequests' : 'maxParallelRequests',
    };
  const limit = LIMITED_TIMES.get(outcome.details);
  if (limit !== undefined) return { kind: 'timed-out', limit, words };
  for (const flag of flags) {
    const failure = FAILURES.get(flag);
    if (failure === undefined) continue;
    const late = failure === 'connect-failure' && outcome.details.includes('connection_timeout');
    return { kind: 'failed', failure: late ? 'connect-timeout' : failure, words };
  }
  return { kind: 'local', words };
}

/** It could not be reached, took too long, or broke off before its answer began. */
const FAILURES: ReadonlyMap<ResponseFlag, FailureKind> = new Map([
  ['UF', 'connect-failure'],
  ['UT', 'timeout'],
  ['LR', 'reset'],
  ['UR', 'reset'],
  ['UC', 'reset'],
  ['UPE', 'protocol-error'],
  ['UMSDR', 'timeout'],
]);
