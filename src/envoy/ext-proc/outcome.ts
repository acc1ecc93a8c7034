import { responseFlags, VIA_UPSTREAM } from '../response-flags.ts';

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
  /** @see ClusterBreaker.failed */
  | { readonly kind: 'failed'; readonly unreachable: boolean; readonly words: string }
  /** One of Envoy's own thresholds had no room: nobody was asked. */
  | { readonly kind: 'overflow'; readonly limit: 'maxPendingRequests' | 'maxParallelRequests' }
  /** Envoy's answer, which says nothing of any model server. */
  | { readonly kind: 'local'; readonly words: string };

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
  if (flags.includes('UF')) return { kind: 'failed', unreachable: true, words };
  if (flags.some(flag => UPSTREAM_FAULTS.has(flag))) return { kind: 'failed', unreachable: false, words };
  return { kind: 'local', words };
}

/** It took too long, or broke off before its answer began. */
const UPSTREAM_FAULTS: ReadonlySet<string> = new Set(['UT', 'LR', 'UR', 'UC', 'UPE', 'UMSDR']);
