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
  verdict: 'pending' | 'picked' | 'shed' | 'overflow' | 'none' | 'replied' | 'cancelled';
  endpoint?: string;
  runnerUp?: string;
  reason?: string;
  permit?: {
    readonly scope: string;
    readonly granted: boolean;
    readonly limit?: string;
    readonly inUse?: number;
    readonly max?: number;
  };
  candidates: readonly unknown[];
  /** Endpoints that were tried and failed before the last. */
  tries?: { readonly endpoint: string; readonly outcome: string }[];
  status?: number;
  durationMs?: number;
}

const DEFAULT_KEPT = 2048;

/** The last decisions of one worker. */
export class DecisionLog {
  readonly #kept: number;
  readonly #byId = new Map<string, Decision>();

  constructor(kept = DEFAULT_KEPT) {
    this.#kept = kept;
  }

  add(decision: Decision): void {
    if (this.#byId.size >= this.#kept) {
      const [oldest] = this.#byId.keys();
      if (oldest !== undefined) this.#byId.delete(oldest);
    }
    this.#byId.set(decision.requestId, decision);
  }

  get(requestId: string): Decision | undefined {
    return this.#byId.get(requestId);
  }
}
