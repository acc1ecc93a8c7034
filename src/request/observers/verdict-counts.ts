import type { Decision } from '../decision.ts';
import type { Observer } from '../observer.ts';

/** Requests that are over, by what was decided. */
export class VerdictCounts implements Observer {
  readonly #counts = new Map<Decision['verdict'], number>();

  ended({ verdict }: Decision): void {
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
  }

  get counts(): ReadonlyMap<Decision['verdict'], number> {
    return this.#counts;
  }
}
