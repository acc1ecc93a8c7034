import type { FaultLog } from '../kernel/index.ts';
import type { Decision, EnvoyReport } from './decision.ts';

/** Is told of every request; each in a file of `observers/`. What it throws is told, and costs no request. */
export interface Observer {
  /** It has come. The decision is written as its life goes on. */
  began?(decision: Decision): void;
  /** It is over: once for each that began. */
  ended?(decision: Decision): void;
  /**
   * An Envoy has said how a request went, after it ended: on the plane that has one, where it keeps an access log.
   * @param cluster Cluster.name; '': neither Envoy nor the decision knows it
   * @param decision with the report in it; undefined: it is not kept any more, or its request had no id, or was not asked about
   */
  reported?(report: EnvoyReport, cluster: string, decision: Decision | undefined): void;
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

  reported(report: EnvoyReport, cluster: string, decision: Decision | undefined): void {
    for (const observer of this.#all) {
      try {
        observer.reported?.(report, cluster, decision);
      } catch (thrown) {
        this.#faults.tell('an observer of requests', thrown, decision?.requestId);
      }
    }
  }
}
