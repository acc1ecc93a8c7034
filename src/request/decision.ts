import type { PickEntry } from '../picker/index.ts';
import type { Role } from './endpoint/role.ts';

/** What Envoy says of a request that has ended. */
export interface EnvoyReport {
  /** Of the answer that the client got; 0: none. */
  readonly status: number;
  /** `%RESPONSE_FLAGS%`, one by one. */
  readonly flags: readonly string[];
  /** `%RESPONSE_CODE_DETAILS%` */
  readonly details: string;
  /** `ADDRESS:PORT` of the endpoint that was asked last; undefined: none was. */
  readonly upstream: string | undefined;
  /** From the request's first byte to the answer's last. */
  readonly durationMs: number;
  /** From the request's first byte to the answer's first from the endpoint; undefined: none came. */
  readonly firstByteMs: number | undefined;
  /** Bodies, as they were on the wire. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** How often it was sent to an endpoint. */
  readonly attempts: number;
  /** Why no connection to the endpoint could be made. */
  readonly failure: string | undefined;
}

/** Why a request went where it went, or was refused: plain data for `breakwater explain`. */
export interface Decision {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly route?: string;
  readonly cluster?: string;
  readonly pool?: string;
  readonly model?: string;
  readonly targetModel?: string;
  readonly criticality?: string;
  readonly verdict: 'pending' | 'picked' | 'shed' | 'overflow' | 'none' | 'replied' | 'cancelled' | 'fault';
  readonly endpoint?: string;
  /** Where other endpoints work for it beside that: which, and as what. */
  readonly others?: readonly { readonly role: Role; readonly endpoint: string }[];
  readonly runnerUp?: string | undefined;
  readonly reason?: string;
  readonly permit?: {
    readonly scope: string;
    readonly granted: boolean;
    readonly limit?: string;
    readonly inUse?: number;
    readonly max?: number;
  };
  readonly candidates: readonly unknown[];
  /** Where the picker's numbers about the candidates are. */
  readonly pick?: PickEntry;
  /** Endpoints that were tried and failed before the last. */
  readonly tries?: readonly { readonly endpoint: string; readonly outcome: string }[];
  readonly status?: number;
  readonly durationMs?: number;
  readonly envoy?: EnvoyReport;
}
