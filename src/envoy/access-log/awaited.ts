import type { Decision } from '../../request/index.ts';
import type { AccessLogEntry } from './entry.ts';

/** As many as decisions are kept. */
const DEFAULT_KEPT = 2048;

/** Decisions about requests of which Envoy has not said yet how they ended; the oldest make room. */
export class AwaitedReports {
  readonly #kept: number;
  readonly #decisions = new Map<string, Decision>();

  constructor(kept = DEFAULT_KEPT) {
    this.#kept = kept;
  }

  add(decision: Decision): void {
    const { requestId } = decision;
    this.#decisions.set(requestId, decision);
    if (this.#decisions.size <= this.#kept) return;
    for (const oldest of this.#decisions.keys()) {
      this.#decisions.delete(oldest);
      return;
    }
  }

  /** @returns the decision, as long as it is there */
  report({ requestId, cluster, ...said }: AccessLogEntry): Decision | undefined {
    const decision = this.#decisions.get(requestId);
    if (decision === undefined) return undefined;
    this.#decisions.delete(requestId);
    decision.envoy = said;
    return decision;
  }
}
