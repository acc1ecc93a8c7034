import { randomUUID } from 'node:crypto';
import type { InUse } from '../../plane/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { LeavingLeases } from './leaving-leases.ts';
import { LEAVING_TIMES, leavingLeaseName } from './names.ts';
import { reportText } from './report-text.ts';

export interface FarewellOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly pod: string;
  /** What is in use now: it only becomes less. */
  readonly inUse: () => InUse;
  readonly onProblem: (message: string) => void;
}

/** So long who is stopping waits for its word to be written; with an API server that is away nobody could follow meanwhile. */
const GIVE_UP_MS = 10_000;

/** Says what a replica that is stopping still has in use, in a Lease of its own, until it has nothing or ends. */
export class Farewell {
  /** Others can read it, or there is nothing to say, or it cannot be written for a while: then it is tried on. */
  readonly said: Promise<void>;
  readonly #options: FarewellOptions;
  readonly #leases: LeavingLeases;
  readonly #token = randomUUID();
  readonly #name: string;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  /** The text that was written last, and when. */
  #written: { readonly text: string; readonly atMs: number } | undefined;
  /** A write was sent: it may have been done. */
  #sent = false;
  #problem: string | undefined;

  constructor(options: FarewellOptions) {
    this.#options = options;
    this.#leases = new LeavingLeases(options.server, options.namespace);
    this.#name = leavingLeaseName(options.pod, this.#token);
    const said = Promise.withResolvers<void>();
    this.said = said.promise;
    const timer = setTimeout(said.resolve, GIVE_UP_MS);
    this.#ended = this.#run(said.resolve).finally(() => clearTimeout(timer));
  }

  /** Nothing is in use any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #run(said: () => void): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const inUse = this.#options.inUse();
      const isEmpty = inUse.limits.size === 0 && inUse.endpoints.size === 0;
      if (isEmpty && !this.#sent) break;
      if (isEmpty ? await this.#try(() => this.#delete()) : await this.#tell(inUse)) said();
      if (isEmpty && !this.#sent) break;
      await pause(LEAVING_TIMES.betweenMs, signal);
    }
    said();
    if (this.#sent) await this.#try(() => this.#delete());
  }

  /** @returns whether it is written */
  async #tell(inUse: InUse): Promise<boolean> {
    const { text, leftOut } = reportText(inUse);
    const nowMs = performance.now();
    const written = this.#written;
    if (written?.text === text && nowMs < written.atMs + LEAVING_TIMES.renewMs) return true;
    if (leftOut > 0)
      this.#report(
        `${leftOut} limits that are in use find no room in the Lease ${this.#name}: they do not count`,
      );
    return await this.#try(async () => {
      this.#sent = true;
      await this.#leases.write(this.#name, this.#options.pod, this.#token, text);
      this.#written = { text, atMs: nowMs };
    });
  }

  async #delete(): Promise<void> {
    await this.#leases.delete(this.#name);
    this.#sent = false;
    this.#written = undefined;
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

/** Or until it is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
