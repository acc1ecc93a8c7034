import type { RuntimeEvent } from './events.ts';
import type { LimitView } from './wire.ts';

interface Seen {
  readonly count: number;
  readonly limit: number | undefined;
}

/** Says what was refused, at most a line per limit and interval, however many requests were refused. */
export class OverflowWatch {
  #seen = new Map<string, Seen>();

  /** Events for what was refused since the last call. */
  next(views: readonly LimitView[]): RuntimeEvent[] {
    const events: RuntimeEvent[] = [];
    const seen = new Map<string, Seen>();
    for (const { scope, limits } of views)
      for (const { name, limit, refused: count } of limits) {
        const key = `${scope} ${name}`;
        const before = this.#seen.get(key);
        // A counter that went back belongs to a scope that was made anew.
        const more = before !== undefined && count >= before.count ? count - before.count : count;
        // A limit that was changed meanwhile may not be the one that refused.
        const threshold = before === undefined || before.limit === limit ? limit : undefined;
        if (more > 0) events.push({ type: 'overflow', scope, limit: name, refused: more, threshold });
        seen.set(key, { count, limit });
      }
    this.#seen = seen;
    return events;
  }
}
