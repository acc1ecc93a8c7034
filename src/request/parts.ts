import type { ByteBudget, Random } from '../kernel/index.ts';
import type { Limits } from '../limits/index.ts';
import type { Observers } from './observer.ts';
import type { DecisionLog } from './observers/decision-log.ts';
import type { PermitAt } from './permit.ts';

/** What all requests of a process share. */
export interface LifeParts {
  readonly limits: Limits;
  /** What is held of all request bodies. */
  readonly bodies: ByteBudget;
  readonly observers: Observers;
  /** What a decision was made of. */
  readonly decisions: DecisionLog;
  readonly permitAt: PermitAt;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** Who asks and what, as far as a plane knows it. */
export interface Asker {
  /** May be told names and decisions with an answer. */
  readonly toOperator: boolean;
  /** Sent `x-breakwater-explain`. */
  readonly explains: boolean;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** `x-gateway-inference-objective`; '' without one. */
  readonly objective: string;
}
