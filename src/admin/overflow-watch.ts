import type { RuntimeEvent } from './events.ts';
import type { LimitView } from './wire.ts';

/** Says what was refused, at most a line per limit and interval, however many requests were refused. */
export class OverflowWatch {
  #seen = new Map<string, number>();

  /** Events for what was refused since the last call. */
  next(views: readonly LimitView[]): RuntimeEvent[] {
    const events: RuntimeEvent[] = [];
    const seen = new Map<string, number>();
    for (const { scope, limits } of views)
      for (const { name, limit, refused: count } of limits) {
        const key = `${scope} ${name}`;
        const before = this.#seen.get(key) ?? 0;
        // A counter that went back belongs to a scope that was made anew.
        const more = count >= before ? count - before : count;
        if (more > 0) events.push({ type: 'overflow', scope, limit: name, refused: more, threshold: limit });
        seen.set(key, count);
      }
    this.#seen = seen;
    return events;
  }
}
