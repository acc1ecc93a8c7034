import { startTimer, stopTimer, type Timer, wallMs } from '../kernel/index.ts';
import { addressesFor, MAX_ADDRESSES } from './address.ts';
import type { Replica } from './desired.ts';
import type { RunningReplica } from './pod-object.ts';
import { SimulatorStartError, SimulatorThread } from './simulator-thread.ts';

interface Entry extends RunningReplica {
  readonly id: number;
}

/** Errors of listen(2) after which another address, or a later time, can help. */
const TRY_NEXT = new Set(['EADDRINUSE', 'EADDRNOTAVAIL']);

/** How long after its death the thread is started again, and after a failure a replica is. */
const RESTART_DELAY_MS = 1000;
const RETRY_DELAY_MS = 5000;

/** A removed replica goes on taking requests so long: the data plane learns of its removal in the meantime. */
const DRAIN_DELAY_MS = 2000;

export interface ReplicaSetEvents {
  /** All replicas have died. */
  lost(reason: string): void;
  /** What is wanted should be applied again: replicas died or could not start a while ago. */
  retry(): void;
}

/** The simulators that run, kept equal to the replicas that are wanted. */
export class ReplicaSet {
  readonly #events: ReplicaSetEvents;
  readonly #threadUrl: URL | undefined;
  #thread: SimulatorThread | undefined;
  readonly #running = new Map<string, Entry>();
  readonly #failures = new Map<string, string>();
  readonly #restarts = new Map<string, number>();
  /** Replicas that were removed and still answer. */
  readonly #draining = new Set<Entry>();
  readonly #timers = new Set<Timer>();
  #retry: Timer | undefined;
  #reconciling = false;

  /** @param threadUrl what the thread runs; default: `thread.ts`. */
  constructor(events: ReplicaSetEvents, threadUrl?: URL) {
    this.#events = events;
    this.#threadUrl = threadUrl;
  }

  get(key: string): RunningReplica | undefined {
    return this.#running.get(key);
  }

  /** Why a wanted replica does not run. */
  failure(key: string): string | undefined {
    return this.#failures.get(key);
  }

  /** Starts the thread ahead of the first replica: it loads its code while manifests are still read. */
  prepare(): void {
    this.#thread ??= new SimulatorThread(reason => this.#died(reason), this.#threadUrl);
  }

  /**
   * Starts what is new, then stops what is not wanted any more: a changed replica is there twice for a moment, never not at all,
   * and one whose new form cannot start goes on in its old one.
   */
  async reconcile(replicas: readonly Replica[]): Promise<void> {
    this.#reconciling = true;
    const before = new Map(this.#running);
    this.#failures.clear();
    await Promise.all(
      replicas.map(async replica => {
        const running = before.get(replica.key);
        if (running?.replica.fingerprint === replica.fingerprint)
          this.#running.set(replica.key, { ...running, replica });
        else await this.#start(replica);
      }),
    );
    const wanted = new Set(replicas.map(({ key }) => key));
    for (const [key, entry] of before) {
      const now = this.#running.get(key);
      if (now === undefined) continue;
      if (!wanted.has(key)) {
        this.#running.delete(key);
        this.#restarts.delete(key);
      } else if (now.id === entry.id) continue;
      this.#drain(entry);
    }
    this.#reconciling = false;
    // Those that are missing failed, or died in the meantime.
    const isWhole = replicas.every(({ key }) => this.#running.has(key) && !this.#failures.has(key));
    this.#retryLater(isWhole ? undefined : RETRY_DELAY_MS);
    await this.#endIdleThread();
  }

  async close(): Promise<void> {
    this.#retryLater(undefined);
    for (const timer of this.#timers) stopTimer(timer);
    this.#running.clear();
    await this.#thread?.close();
  }

  async #start(replica: Replica): Promise<void> {
    const { options, port, files } = replica.server;
    let failure = '';
    for (const address of addressesFor(replica.key)) {
      this.prepare();
      try {
        const id = await this.#thread!.start({ options, address, port, files });
        const restarts = this.#restarts.get(replica.key) ?? 0;
        this.#running.set(replica.key, { replica, address, startedAt: new Date(wallMs()), restarts, id });
        return;
      } catch (error) {
        if (!(error instanceof SimulatorStartError)) throw error;
        failure = error.message;
        if (!TRY_NEXT.has(error.code)) break;
        failure = `port ${port} is taken on this machine: none of ${MAX_ADDRESSES} loopback addresses has it free (${error.message})`;
      }
    }
    this.#failures.set(replica.key, failure);
  }

  #drain(entry: Entry): void {
    this.#draining.add(entry);
    const timer = startTimer(DRAIN_DELAY_MS, async () => {
      this.#timers.delete(timer);
      await this.#thread?.stop(entry.id, entry.replica.graceMs);
      this.#draining.delete(entry);
      await this.#endIdleThread();
    });
    this.#timers.add(timer);
    timer.unref();
  }

  #retryLater(delayMs: number | undefined): void {
    stopTimer(this.#retry);
    if (delayMs === undefined) return;
    this.#retry = startTimer(delayMs, () => this.#events.retry());
    this.#retry.unref();
  }

  /** A thread costs memory: it goes when there is nothing to simulate. */
  async #endIdleThread(): Promise<void> {
    if (this.#reconciling || this.#running.size > 0 || this.#draining.size > 0) return;
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }

  #died(reason: string): void {
    this.#thread = undefined;
    for (const key of this.#running.keys()) this.#restarts.set(key, (this.#restarts.get(key) ?? 0) + 1);
    this.#running.clear();
    this.#draining.clear();
    this.#retryLater(RESTART_DELAY_MS);
    this.#events.lost(reason);
  }
}
