import { random, startTimer, stopTimer, type Timer } from '../../kernel/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { LookUp } from './lookup.ts';
import { Names } from './resolved-names.ts';
import { namesOf, resolvedPlan } from './resolved-plan.ts';

export interface PlanNamesOptions {
  readonly lookUp: LookUp;
  readonly onEvent: (message: string, severity: 'info' | 'warning') => void;
}

/** A plan waits no longer for the first answer about a name that is new; until it comes, the name has no endpoints. */
const FIRST_ANSWER_MS = 1000;
/** Names that change in the same moment are told together. */
const SETTLE_MS = 100;

/** The host names of the plan that is in use, followed as their addresses change. */
export class PlanNames {
  readonly #names: Names;
  #used: ReadonlySet<string> = new Set();
  #listener: () => void = () => {};
  #settling: Timer | undefined;

  constructor({ lookUp, onEvent }: PlanNamesOptions) {
    this.#names = new Names({ lookUp, random, onChange: () => this.#changed(), onEvent });
  }

  /** Asks for the names of a plan that is to be used. Resolves when something is known of each, or after a while. */
  async follow(plan: Plan): Promise<void> {
    // Those of the plan that is in use stay until it is not.
    await this.#names.follow(new Set([...this.#used, ...namesOf(plan)]), FIRST_ANSWER_MS);
  }

  /** @returns the plan with addresses in the place of its names; it is the one that is in use now */
  use(plan: Plan): Plan {
    // What has changed until now is in it.
    stopTimer(this.#settling);
    this.#settling = undefined;
    this.#used = namesOf(plan);
    void this.#names.follow(this.#used, 0);
    return this.#used.size === 0 ? plan : resolvedPlan(plan, name => this.#names.addresses(name));
  }

  /** @param listener called when the plan in use would have other addresses now */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  close(): void {
    stopTimer(this.#settling);
    this.#names.close();
  }

  #changed(): void {
    this.#settling ??= startTimer(SETTLE_MS, () => {
      this.#settling = undefined;
      this.#listener();
    });
  }
}
