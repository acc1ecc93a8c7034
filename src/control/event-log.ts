import type { Finding } from './findings.ts';

/** Something that a person who watches `breakwater up` wants to know. */
export type RuntimeEvent =
  /** A new plan is served. */
  | { readonly type: 'plan-applied'; readonly version: string; readonly changes: readonly string[] }
  /** The plane did not take the newest plan; the last good one goes on. */
  | { readonly type: 'plan-refused'; readonly message: string }
  /** Something is wrong in the manifests that was not before. */
  | { readonly type: 'finding'; readonly finding: Finding }
  /** Something that was wrong is not wrong any more. */
  | { readonly type: 'mended'; readonly finding: Finding }
  /** A listener is bound elsewhere than its manifest says. */
  | {
      readonly type: 'listener-moved';
      readonly server: string;
      readonly reason: string;
      readonly bound: string;
    }
  | { readonly type: 'listener-failed'; readonly server: string; readonly message: string }
  /** Requests that a limit refused since the last event of its kind. */
  | {
      readonly type: 'overflow';
      readonly scope: string;
      readonly limit: string;
      readonly refused: number;
      readonly threshold: number | undefined;
    }
  /** Said by the data plane or the workloads: endpoint faults, a worker that died, a model server that started. */
  | { readonly type: 'notice'; readonly severity: 'info' | 'warning' | 'error'; readonly message: string };

export type LoggedEvent = RuntimeEvent & { readonly atMs: number };

/** Events kept for `/v1/events`: enough for a look back, little in memory. */
const KEPT_EVENTS = 1_000;

/** The newest events, and who wants to hear of the next. */
export class EventLog {
  readonly #now: () => number;
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #events: LoggedEvent[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(event: RuntimeEvent): void {
    const logged: LoggedEvent = { atMs: this.#now(), ...event };
    this.#events.push(logged);
    // Cut rarely: a shift per event would move the whole array each time.
    if (this.#events.length >= 2 * KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS);
    for (const listener of this.#listeners)
      try {
        listener(logged);
      } catch {
        // Who could be told is who threw.
      }
  }

  list(): readonly LoggedEvent[] {
    return this.#events.slice(-KEPT_EVENTS);
  }

  /** Returns what ends the subscription. */
  onEvent(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
