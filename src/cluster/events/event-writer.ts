import { monotonicMs, startInterval, stopTimer, type Timer, wallMs } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { type DueEvent, EVENT_LEDGER, EventLedger, type EventLedgerOptions } from './event-ledger.ts';
import {
  eventName,
  eventNamespace,
  eventObject,
  type Reporter,
  seriesPatch,
  type WantedEvent,
} from './wanted-event.ts';

export interface EventWriterOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly reporter: Reporter;
  /** Asked before each write: only the leader tells. */
  readonly mayWrite: () => boolean;
  /** Why Events cannot be written: once for each reason. */
  readonly onProblem: (message: string) => void;
  readonly ledger?: EventLedgerOptions;
}

/** Looks so often for what is due by time. */
const TICK_MS = 1_000;

/** Writes events.k8s.io/v1 Events on objects. */
export class EventWriter {
  readonly counts = { written: 0, failed: 0 };
  readonly #options: EventWriterOptions;
  readonly #ledger: EventLedger;
  readonly #abort = new AbortController();
  readonly #timer: Timer;
  #writing = false;
  #problem: string | undefined;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#ledger = new EventLedger(options.ledger ?? EVENT_LEDGER);
    this.#timer = startInterval(TICK_MS, () => void this.#write());
    this.#timer.unref();
  }

  /** All that is so now; what is not among these any more is not told again. */
  want(events: readonly WantedEvent[]): void {
    this.#ledger.want(events, monotonicMs());
    void this.#write();
  }

  /** Not told, for want of room. */
  get dropped(): number {
    return this.#ledger.dropped;
  }

  close(): void {
    stopTimer(this.#timer);
    this.#abort.abort();
  }

  /** One at a time: nobody waits for them. */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    try {
      while (!this.#abort.signal.aborted && this.#options.mayWrite()) {
        const due = this.#ledger.next(monotonicMs());
        if (due === undefined) break;
        const count = await this.#tell(due).catch(error => this.#failed(error));
        if (count !== 0) this.counts.written++;
        this.#ledger.done(due.key, count, monotonicMs());
      }
    } catch (thrown) {
      // The next tick tries again.
      this.#failed(thrown);
    } finally {
      this.#writing = false;
    }
  }

  /** @returns the count as it is now; 0: it failed */
  async #tell({ event, count, first }: DueEvent): Promise<number> {
    if (first) {
      const { reporter } = this.#options;
      const { status, body } = await this.#ask('POST', '', event, eventObject(event, reporter, wallMs()));
      if (status < 300) return count;
      // A namespace that is being deleted takes none, and those of a deleted one have no reader.
      if (status === 404 || (status === 403 && isTerminating(body))) return count;
      if (status !== 409) return this.#failed(new Error(messageOf(status, body)));
      // Told by an earlier leader, or by this one long ago: the series goes on.
      // A patch of nothing reads it, and needs no right more.
      const before = await this.#ask('PATCH', `/${eventName(event)}`, event, {});
      const { series } = before.body as { readonly series?: { readonly count?: number } };
      return await this.#goOn(event, Math.max(count, (series?.count ?? 1) + 1));
    }
    return await this.#goOn(event, count);
  }

  async #goOn(event: WantedEvent, count: number): Promise<number> {
    const patch = seriesPatch(count, wallMs());
    const { status, body } = await this.#ask('PATCH', `/${eventName(event)}`, event, patch);
    if (status < 300) return count;
    // It has been forgotten: an API server keeps Events for an hour. It is told anew.
    if (status === 404) return await this.#tell({ key: '', event, count, first: true });
    return this.#failed(new Error(messageOf(status, body)));
  }

  async #ask(method: string, rest: string, event: WantedEvent, body?: object) {
    const path = `/apis/events.k8s.io/v1/namespaces/${eventNamespace(event)}/events${rest}`;
    return await this.#options.server.request(method, path, {
      ...(body === undefined ? {} : { body }),
      ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
      signal: this.#abort.signal,
    });
  }

  #failed(error: unknown): 0 {
    if (this.#abort.signal.aborted) return 0;
    this.counts.failed++;
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.#problem) this.#options.onProblem(`Events cannot be written: ${message}`);
    this.#problem = message;
    return 0;
  }
}

function isTerminating(body: unknown): boolean {
  const { details } = body as { details?: { causes?: readonly { reason?: string }[] } };
  return details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}

function messageOf(status: number, body: unknown): string {
  const { message = `HTTP status ${status}` } = body as { message?: string };
  return message;
}
