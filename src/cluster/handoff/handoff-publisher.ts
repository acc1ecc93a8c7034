import { monotonicMs, newId, sleep, startTimer, stopTimer, wallMs } from '../../kernel/index.ts';
import type { InUse } from '../../plane/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { LeaseClient, type LeaseRecord, microTime } from '../leases/index.ts';
import { IN_USE_ANNOTATION, LEAVING_TIMES, leavingLeaseName } from './handoff-names.ts';
import { reportText } from './in-use-text.ts';

export interface HandoffPublisherOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly pod: string;
  /** What is in use now: it only becomes less. */
  readonly inUse: () => InUse;
  readonly onProblem: (message: string) => void;
}

/** A replica that is stopping waits so long for its report to be written; with an API server that is away nobody could follow meanwhile. */
const GIVE_UP_MS = 10_000;

/** Publishes what a replica that is stopping still has in use, in a Lease of its own, until it has nothing or ends. */
export class HandoffPublisher {
  /** Others can read it, or there is nothing to publish, or it cannot be written for a while: then it is tried on. */
  readonly published: Promise<void>;
  readonly #options: HandoffPublisherOptions;
  readonly #leases: LeaseClient;
  readonly #token = newId();
  readonly #name: string;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  /** The text that was written last, and when. */
  #written: { readonly text: string; readonly atMs: number } | undefined;
  /** A write was sent: it may have been done. */
  #sent = false;
  #problem: string | undefined;

  constructor(options: HandoffPublisherOptions) {
    this.#options = options;
    this.#leases = new LeaseClient(options.server, options.namespace, LEAVING_TIMES.requestMs);
    this.#name = leavingLeaseName(options.pod, this.#token);
    const published = Promise.withResolvers<void>();
    this.published = published.promise;
    const timer = startTimer(GIVE_UP_MS, published.resolve);
    this.#ended = this.#run(published.resolve).finally(() => stopTimer(timer));
  }

  /** Nothing is in use any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #run(published: () => void): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const inUse = this.#options.inUse();
      const isEmpty = inUse.limits.size === 0 && inUse.endpoints.size === 0;
      if (isEmpty && !this.#sent) break;
      if (isEmpty ? await this.#try(() => this.#delete()) : await this.#publish(inUse)) published();
      if (isEmpty && !this.#sent) break;
      await sleep(LEAVING_TIMES.betweenMs, signal);
    }
    published();
    if (this.#sent) await this.#try(() => this.#delete());
  }

  /** @returns whether it is written */
  async #publish(inUse: InUse): Promise<boolean> {
    const { text, leftOut } = reportText(inUse);
    const nowMs = monotonicMs();
    const written = this.#written;
    if (written?.text === text && nowMs < written.atMs + LEAVING_TIMES.renewMs) return true;
    if (leftOut > 0)
      this.#report(
        `${leftOut} limits that are in use find no room in the Lease ${this.#name}: they do not count`,
      );
    return await this.#try(async () => {
      this.#sent = true;
      const outcome = await this.#leases.apply(this.#name, this.#record(), { [IN_USE_ANNOTATION]: text });
      if (outcome.type !== 'written') throw new Error(outcome.message);
      this.#written = { text, atMs: nowMs };
    });
  }

  async #delete(): Promise<void> {
    const outcome = await this.#leases.delete(this.#name);
    if (outcome.type === 'failed') throw new Error(outcome.message);
    this.#sent = false;
    this.#written = undefined;
  }

  #record(): LeaseRecord {
    return {
      holder: this.#options.pod,
      token: this.#token,
      durationMs: LEAVING_TIMES.leaseDurationMs,
      acquiredAt: '',
      renewedAt: microTime(wallMs()),
      transitions: 0,
    };
  }

  async #try(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#report(`who follows is not told what is in use here still: ${message}`);
      return false;
    }
  }

  #report(message: string): void {
    if (message === this.#problem) return;
    this.#problem = message;
    this.#options.onProblem(message);
  }
}
