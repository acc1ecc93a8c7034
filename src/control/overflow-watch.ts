import type { LimitScope, Plan, Thresholds } from '../plan/index.ts';
import type { LimitCounts } from '../plane/index.ts';
import type { RuntimeEvent } from './event-log.ts';

type PlanLimits = Pick<Plan, 'limits'>;

/** Says what was refused, at most a line per limit and interval, however many requests were refused. */
export class OverflowWatch {
  #before: ReadonlyMap<string, LimitCounts> = new Map();
  #scopes = new Scopes(undefined);

  /** Events for what was refused since the last call; where nothing was, ten thousand limits cost next to nothing. */
  next(plan: PlanLimits | undefined, counts: readonly LimitCounts[]): RuntimeEvent[] {
    const scopes = this.#scopes.of(plan);
    const events: RuntimeEvent[] = [];
    const seen = new Map<string, LimitCounts>();
    for (const now of counts) {
      const { scope } = now;
      const before = this.#before.get(scope);
      for (const limit in now.overflow) {
        const refused = more(now.overflow[limit], before?.overflow[limit]);
        if (refused === 0) continue;
        const threshold = scopes.threshold(scope, limit);
        // A limit that was changed meanwhile may not be the one that refused.
        const same = before === undefined || this.#scopes.threshold(scope, limit) === threshold;
        events.push({ type: 'overflow', scope, limit, refused, threshold: same ? threshold : undefined });
      }
      seen.set(scope, now);
    }
    this.#scopes = scopes;
    this.#before = seen;
    return events;
  }
}

/** A counter that went back belongs to a scope that was made anew. */
function more(count = 0, before = 0): number {
  return count >= before ? count - before : count;
}

/** The thresholds of a plan by the names of their scopes, which are looked up when the first is asked for. */
class Scopes {
  readonly #plan: PlanLimits | undefined;
  #byName: ReadonlyMap<string, LimitScope> | undefined;

  constructor(plan: PlanLimits | undefined) {
    this.#plan = plan;
  }

  /** Those of another plan, or these. */
  of(plan: PlanLimits | undefined): Scopes {
    return plan === this.#plan ? this : new Scopes(plan);
  }

  threshold(scope: string, limit: string): number | undefined {
    this.#byName ??= new Map(this.#plan?.limits.map(each => [each.name, each]));
    const found = this.#byName.get(scope);
    return found && thresholdOf(found.thresholds, limit);
  }
}

/** A limit by its name; a retry budget takes the place of `maxParallelRetries`, which is none then. */
export function thresholdOf(thresholds: Thresholds, limit: string): number | undefined {
  if (limit === 'maxParallelRetries' && thresholds.retryBudget !== undefined) return undefined;
  const max = thresholds[limit as keyof Thresholds];
  return typeof max === 'number' ? max : undefined;
}
