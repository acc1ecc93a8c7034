import type { ByteBudget, Random } from '../kernel/index.ts';
import type { Limits } from '../limits/index.ts';
import type { Observers } from './observer.ts';
import type { DecisionLog } from './observers/decision-log.ts';
import type { PermitAt } from './permit.ts';

/** What the steps of all requests of a process share. */
export interface StepParts {
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
