import type { PickLog } from '../../picker/index.ts';
import type { Decision } from '../decision.ts';
import type { Observer } from '../observer.ts';

const DEFAULT_KEPT = 2048;

/** The last decisions of one worker. */
export class DecisionLog implements Observer {
  readonly #picks: PickLog;
  readonly #kept: number;
  readonly #ring: Decision[] = [];
  #next = 0;

  constructor(picks: PickLog, kept = DEFAULT_KEPT) {
    this.#picks = picks;
    this.#kept = kept;
  }

  began(decision: Decision): void {
    this.#ring[this.#next] = decision;
    this.#next = (this.#next + 1) % this.#kept;
  }

  /** With its candidates, as far as they are still kept. Looks at all: it is asked by people, not by requests. */
  get(requestId: string): Decision | undefined {
    const found = this.#ring.find(decision => decision.requestId === requestId);
    return found === undefined ? undefined : this.withCandidates(found);
  }

  withCandidates(decision: Decision): Decision {
    const { pick, ...rest } = decision;
    return pick === undefined ? rest : { ...rest, candidates: this.#picks.read(pick) ?? [] };
  }
}
