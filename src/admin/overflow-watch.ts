import type { RuntimeEvent } from './events.ts';

/** Counters of refusals of one scope, since the start. */
export interface OverflowCounts {
  readonly scope: string;
  /** By the name of the limit, `maxParallelRequests`. */
  readonly refused: Readonly<Record<string, number>>;
  readonly thresholds: Readonly<Record<string, number | undefined>>;
}

/** Says what was refused, at most a line per limit and interval, however many requests were refused. */
export class OverflowWatch {
  #seen = new Map<string, number>();

  /** Events for what was refused since the last call. */
  next(counts: readonly OverflowCounts[]): RuntimeEvent[] {
    const events: RuntimeEvent[] = [];
    const seen = new Map<string, number>();
    for (const { scope, refused, thresholds } of counts)
      for (const [limit, count] of Object.entries(refused)) {
        const key = `${scope} ${limit}`;
        const before = this.#seen.get(key) ?? 0;
        // A counter that went back belongs to a scope that was made anew.
        const more = count >= before ? count - before : count;
        if (more > 0)
          events.push({ type: 'overflow', scope, limit, refused: more, threshold: thresholds[limit] });
        seen.set(key, count);
      }
    this.#seen = seen;
    return events;
  }
}
