import type { PickEntry } from '../picker/index.ts';

/** What Envoy says of a request that has ended. */
export interface EnvoyReport {
  /** Of the answer that the client got; 0: none. */
  readonly status: number;
  /** As in its access log. */
  readonly flags: readonly string[];
  readonly details: string;
  /** `ADDRESS:PORT` that was asked last. */
  readonly upstream?: string | undefined;
  readonly durationMs: number;
  readonly firstByteMs?: number | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly attempts: number;
  readonly failure?: string | undefined;
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
