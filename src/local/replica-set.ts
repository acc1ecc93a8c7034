import { addressesFor, MAX_ADDRESSES } from './address.ts';
import type { Replica } from './desired.ts';
import type { RunningReplica } from './pod-object.ts';
import { SimulatorStartError, SimulatorThread } from './simulator-thread.ts';

interface Entry extends RunningReplica {
  readonly id: number;
}

/** Errors of listen(2) after which another address can help. */
const TRY_NEXT = new Set(['EADDRINUSE', 'EADDRNOTAVAIL']);

/** How long after its death the thread is started again. */
const RESTART_DELAY_MS = 1000;

/** The simulators that run, kept equal to the replicas that are wanted. */
export class ReplicaSet {
  readonly #onLoss: (reason: string) => void;
  #thread: SimulatorThread | undefined;
  readonly #running = new Map<string, Entry>();
  readonly #failures = new Map<string, string>();
  readonly #restarts = new Map<string, number>();
  /** Replicas that were removed and still answer. */
  readonly #draining = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onLoss all replicas have died; those that are wanted must be applied again */
  constructor(onLoss: (reason: string) => void) {
    this.#onLoss = onLoss;
  }

  get(key: string): RunningReplica | undefined {
    return this.#running.get(key);
  }

  /** Why a wanted replica does not run. */
  failure(key: string): string | undefined {
    return this.#failures.get(key);
  }

  /** Starts what is new, then stops what is not wanted any more: a changed replica is there twice for a moment, never not at all. */
  async reconcile(replicas: readonly Replica[]): Promise<void> {
    const before = new Map(this.#running);
    const kept = new Set<string>();
    this.#failures.clear();
    await Promise.all(
      replicas.map(async replica => {
        kept.add(replica.key);
        const running = before.get(replica.key);
        if (running?.replica.fingerprint === replica.fingerprint) return;
        await this.#start(replica);
      }),
    );
    for (const [key, entry] of before) {
      if (this.#running.get(key) === entry) {
        if (kept.has(key) && !this.#failures.has(key)) continue;
        this.#running.delete(key);
      }
      if (!kept.has(key)) this.#restarts.delete(key);
      this.#drain(entry);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running.clear();
    await this.#thread?.close();
    await Promise.all(this.#draining);
  }

  async #start(replica: Replica): Promise<void> {
    this.#thread ??= new SimulatorThread(reason => this.#died(reason));
    const { options, port, files } = replica.server;
    let failure = '';
    for (const address of addressesFor(replica.key)) {
      try {
        const id = await this.#thread.start({ options, address, port, files });
        const restarts = this.#restarts.get(replica.key) ?? 0;
        this.#running.set(replica.key, { replica, address, startedAt: new Date(), restarts, id });
        return;
      } catch (error) {
        if (!(error instanceof SimulatorStartError)) throw error;
        failure = error.message;
        if (!TRY_NEXT.has(error.code)) break;
        failure = `none of ${MAX_ADDRESSES} loopback addresses has port ${port} free: ${error.message}`;
      }
    }
    this.#failures.set(replica.key, failure);
  }

  #drain(entry: Entry): void {
    const drained = this.#thread
      ?.stop(entry.id, entry.replica.graceMs)
      .finally(() => this.#draining.delete(drained!));
    if (drained !== undefined) this.#draining.add(drained);
  }

  #died(reason: string): void {
    this.#thread = undefined;
    for (const key of this.#running.keys()) this.#restarts.set(key, (this.#restarts.get(key) ?? 0) + 1);
    this.#running.clear();
    this.#timer = setTimeout(() => this.#onLoss(reason), RESTART_DELAY_MS);
    this.#timer.unref();
  }
}
