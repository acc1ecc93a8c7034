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
  route?: string;
  cluster?: string;
  pool?: string;
  model?: string;
  targetModel?: string;
  criticality?: string;
  verdict: 'pending' | 'picked' | 'shed' | 'overflow' | 'none' | 'replied' | 'cancelled' | 'fault';
  endpoint?: string;
  runnerUp?: string | undefined;
  reason?: string;
  permit?: {
    readonly scope: string;
    readonly granted: boolean;
    readonly limit?: string;
    readonly inUse?: number;
    readonly max?: number;
  };
  candidates: readonly unknown[];
  /** Where the picker's numbers about the candidates are. */
  pick?: PickEntry;
  /** Endpoints that were tried and failed before the last. */
  tries?: { readonly endpoint: string; readonly outcome: string }[];
  status?: number;
  durationMs?: number;
  envoy?: EnvoyReport;
}
