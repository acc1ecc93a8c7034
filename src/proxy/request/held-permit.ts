import { monotonicMs } from '../../kernel/index.ts';
import { type LimitName, type Limits, type Overflow, Permit } from '../../limits/index.ts';
import { type Decision, type LocalReply, overflowReply } from '../../request/index.ts';
import type { ClusterRuntime } from '../context.ts';
import type { AttemptEvents } from './attempt-events.ts';

/** The permit of one request in the scopes of its cluster: one for all of its tries, given back exactly once. */
export class HeldPermit {
  readonly #limits: Limits;
  readonly #cluster: ClusterRuntime;
  readonly #decision: Decision;
  readonly #events: AttemptEvents;
  #permit: Permit | undefined;

  constructor(limits: Limits, cluster: ClusterRuntime, decision: Decision, events: AttemptEvents) {
    this.#limits = limits;
    this.#cluster = cluster;
    this.#decision = decision;
    this.#events = events;
  }

  /** The answer to a request that is sure to be refused now, before its body has been read. */
  refusal(): LocalReply | undefined {
    const { scope, poolScope } = this.#cluster;
    if (!this.#limits.isFull(scope, poolScope)) return undefined;
    const got = this.#limits.acquire(scope, poolScope, monotonicMs());
    if (!(got instanceof Permit)) return this.#overflow(got);
    got.cancel();
    return undefined;
  }

  /** @returns the answer to a request that does not get one */
  take(): LocalReply | undefined {
    if (this.#permit !== undefined) return undefined;
    const { scope, poolScope } = this.#cluster;
    const got = this.#limits.acquire(scope, poolScope, monotonicMs());
    if (!(got instanceof Permit)) return this.#overflow(got);
    this.#permit = got;
    this.#decision.permit = { scope: scope.name, granted: true };
    return undefined;
  }

  /** The answer to a request that another limit refuses. */
  refused(limit: LimitName): LocalReply {
    return this.#overflow(this.#limits.refuse(this.#cluster.scope, limit));
  }

  release(): void {
    const permit = this.#permit;
    this.#permit = undefined;
    permit?.release(monotonicMs());
  }

  #overflow(overflow: Overflow): LocalReply {
    const { scope, limit, inUse, max } = overflow;
    this.#decision.verdict = 'overflow';
    this.#decision.permit = { scope, granted: false, limit, inUse, max };
    return overflowReply(overflow, this.#events.toOperator);
  }
}
