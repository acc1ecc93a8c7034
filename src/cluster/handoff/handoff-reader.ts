import { monotonicMs, sleep, startTimer, stopTimer, type Timer, tell, toldAs } from '../../kernel/index.ts';
import type { InUse } from '../../plane/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { LeaseClient } from '../leases/index.ts';
import { LEAVING_TIMES } from './handoff-names.ts';
import { Predecessors } from './predecessors.ts';

export interface HandoffReaderOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  /** What predecessors have in use. */
  readonly onInUse: (inUse: InUse) => void;
  readonly onProblem: (message: string) => void;
}

/** While somebody is stopping. */
const OFTEN_MS = 500;
/** Otherwise: one that could not say so at once, when the API server was away, says it later. */
const SELDOM_MS = 5_000;
/** Who takes over serves after this, whatever can be read. */
const GIVE_UP_MS = 3_000;
const RETRY_MS = 250;

/** Reads what replicas have in use that are stopping. */
export class HandoffReader {
  readonly #options: HandoffReaderOptions;
  readonly #leases: LeaseClient;
  readonly #predecessors = new Predecessors();
  #reading: Promise<boolean> = Promise.resolve(true);
  #timer: Timer | undefined;
  #stopped = false;
  #problem: string | undefined;
  /** Looks in a row that threw. */
  #faults = 0;

  constructor(options: HandoffReaderOptions) {
    this.#options = options;
    this.#leases = new LeaseClient(options.server, options.namespace, LEAVING_TIMES.requestMs);
  }

  /** What was published before this call is known, or it cannot be read; looks on from now on. */
  async look(): Promise<void> {
    const untilMs = monotonicMs() + GIVE_UP_MS;
    while (!(await this.#read()) && monotonicMs() < untilMs && !this.#stopped) await sleep(RETRY_MS);
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    stopTimer(this.#timer);
  }

  #schedule(): void {
    stopTimer(this.#timer);
    if (this.#stopped) return;
    const often = this.#faults === 0 && this.#predecessors.some(monotonicMs());
    this.#timer = startTimer(often ? OFTEN_MS : SELDOM_MS, () => {
      void this.#read().then(() => this.#schedule());
    });
  }

  /** One after the other: what is read later is newer. @returns whether it could be read */
  #read(): Promise<boolean> {
    this.#reading = this.#reading.then(() => this.#guarded());
    return this.#reading;
  }

  /** One that throws leaves the next ones as they are. */
  async #guarded(): Promise<boolean> {
    try {
      const known = await this.#readNow();
      this.#faults = 0;
      return known;
    } catch (thrown) {
      const task = 'counting what replicas have in use that are stopping';
      tell(toldAs(this.#options.onProblem), task, thrown, ++this.#faults, SELDOM_MS);
      return false;
    }
  }

  async #readNow(): Promise<boolean> {
    let known = true;
    try {
      this.#predecessors.read(await this.#leases.list(), monotonicMs());
      this.#problem = undefined;
    } catch (error) {
      known = false;
      this.#predecessors.failed(monotonicMs());
      this.#report(error);
    }
    if (this.#stopped) return known;
    this.#options.onInUse(this.#predecessors.inUse(monotonicMs()));
    if (known) await this.#tidy();
    return known;
  }

  async #tidy(): Promise<void> {
    for (const { metadata } of this.#predecessors.gone(monotonicMs()))
      await this.#deleteGone(metadata.name, metadata.resourceVersion);
  }

  async #deleteGone(name: string, version: string | undefined): Promise<void> {
    const outcome = await this.#leases.delete(name, version);
    if (outcome.type === 'failed') this.#report(new Error(outcome.message));
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#problem) return;
    this.#problem = message;
    this.#options.onProblem(`what replicas have in use that are stopping cannot be read: ${message}`);
  }
}
