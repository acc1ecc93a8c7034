import type { Decision, EnvoyReport } from '../decision.ts';
import type { DecisionDraft } from '../decision-draft.ts';
import type { Observer, Observers } from '../observer.ts';

/** As many as decisions are kept. */
const DEFAULT_KEPT = 2048;

/** Decisions about requests of which Envoy has not said yet how they ended; the oldest make room. */
export class AwaitedReports implements Observer {
  readonly #kept: number;
  readonly #decisions = new Map<string, DecisionDraft>();

  constructor(kept = DEFAULT_KEPT) {
    this.#kept = kept;
  }

  began(decision: Decision): void {
    const { requestId } = decision;
    this.#decisions.set(requestId, decision);
    if (this.#decisions.size <= this.#kept) return;
    for (const oldest of this.#decisions.keys()) {
      this.#decisions.delete(oldest);
      return;
    }
  }

  /**
   * Envoy says how a request ended: its decision has that from now on, as long as it is awaited, and the observers are told.
   * @param cluster '': Envoy names none, as where no endpoint of it was asked
   */
  came(requestId: string, cluster: string, report: EnvoyReport, observers: Observers): void {
    const decision = this.#decisions.get(requestId);
    if (decision !== undefined) {
      this.#decisions.delete(requestId);
      decision.envoy = report;
    }
    observers.reported(report, cluster || (decision?.cluster ?? ''), decision);
  }
}
