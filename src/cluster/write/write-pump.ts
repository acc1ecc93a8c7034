import { monotonicMs, startTimer, stopTimer, type Timer, toError } from '../../kernel/index.ts';
import { type Again, WriteQueue, type WriteQueueOptions } from './write-queue.ts';

/** While it must not write but has something to, it looks so often whether it may. */
const LOOK_AGAIN_MS = 500;

export interface WritePumpOptions {
  readonly queue: WriteQueueOptions;
  /** Asked before each write. It may say no for a moment, and yes again, without anybody telling. */
  readonly mayWrite: () => boolean;
  /**
   * Writes one object. Whether it is to be tried again: after a wait, with what is wanted then. What it throws costs that object
   * alone, which is tried again too.
   */
  readonly write: (key: string, signal: AbortSignal) => Promise<Again>;
  /** Whether there is something to write of this object: what is wanted may change during a write. */
  readonly isDue: (key: string) => boolean;
  /** Something threw that should not: told, and tried again. */
  readonly onFault: (key: string, error: Error) => void;
}

/** Takes from a {@link WriteQueue} what is due, when it is due. */
export class WritePump {
  readonly #options: WritePumpOptions;
  readonly #queue: WriteQueue;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  /** Named while it must not write: they are looked at when it may. */
  readonly #unseen = new Set<string>();

  constructor(options: WritePumpOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.queue);
  }

  /** Looks at all these anew, and writes those that are due. */
  resume(keys: Iterable<string>): void {
    for (const key of keys) this.#unseen.add(key);
    this.#pump();
  }

  /** There is nothing (more) to write of this. */
  remove(key: string): void {
    this.#unseen.delete(key);
    this.#queue.remove(key);
  }

  /** Those that are being written, or are to be. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  close(): void {
    stopTimer(this.#timer);
    this.#abort.abort();
  }

  #pump(): void {
    stopTimer(this.#timer);
    if (this.#abort.signal.aborted) return;
    if (!this.#options.mayWrite()) {
      if (this.#unseen.size > 0 || this.#queue.waiting > 0)
        this.#timer = startTimer(LOOK_AGAIN_MS, () => this.#pump()).unref();
      return;
    }
    for (const key of this.#unseen)
      if (this.#isDue(key)) this.#queue.add(key);
      else this.#queue.remove(key);
    this.#unseen.clear();
    const now = monotonicMs();
    for (let key = this.#queue.take(now); key !== undefined; key = this.#queue.take(now))
      void this.#write(key);
    const next = this.#queue.nextAtMs(now);
    if (next !== undefined) this.#timer = startTimer(Math.max(1, next - now), () => this.#pump());
  }

  async #write(key: string): Promise<void> {
    const { signal } = this.#abort;
    let again: Again = true;
    try {
      again = await this.#options.write(key, signal);
    } catch (thrown) {
      if (!signal.aborted) this.#options.onFault(key, toError(thrown));
    }
    if (signal.aborted) return;
    this.#queue.done(key, again, monotonicMs());
    if (again === false && this.#isDue(key)) this.#queue.add(key);
    this.#pump();
  }

  /** What throws here does so as it is written too, where it is told and tried again after a wait. */
  #isDue(key: string): boolean {
    try {
      return this.#options.isDue(key);
    } catch {
      return true;
    }
  }
}
