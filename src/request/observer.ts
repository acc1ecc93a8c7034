import type { FaultLog } from '../kernel/index.ts';
import type { Decision } from './decision.ts';

/** Is told of every request; each in a file of `observers/`. What it throws is told, and costs no request. */
export interface Observer {
  /** It has come. The decision is written as its life goes on. */
  began?(decision: Decision): void;
  /** It is over: once for each that began. */
  ended?(decision: Decision): void;
}

/** All observers of a process, in their order. */
export class Observers {
  readonly #all: readonly Observer[];
  readonly #faults: FaultLog;

  constructor(all: readonly Observer[], faults: FaultLog) {
    this.#all = all;
    this.#faults = faults;
  }

  began(decision: Decision): void {
    for (const observer of this.#all) {
      try {
        observer.began?.(decision);
      } catch (thrown) {
        this.#faults.tell('an observer of requests', thrown, decision.requestId);
      }
    }
  }

  ended(decision: Decision): void {
    for (const observer of this.#all) {
      try {
        observer.ended?.(decision);
      } catch (thrown) {
        this.#faults.tell('an observer of requests', thrown, decision.requestId);
      }
    }
  }
}
