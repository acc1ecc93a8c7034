import { type Again, WriteQueue, type WriteQueueOptions } from './write-queue.ts';

export interface WritePumpOptions {
  readonly queue: WriteQueueOptions;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  /**
   * Writes one object. Whether it is to be tried again: after a wait, with what is wanted then. Fails only when the signal has ended.
   */
  readonly write: (key: string, signal: AbortSignal) => Promise<Again>;
  /** Whether there is something to write of this object: what is wanted may change during a write. */
  readonly isDue: (key: string) => boolean;
}

/** Takes from a {@link WriteQueue} what is due, when it is due. */
export class WritePump {
  readonly #options: WritePumpOptions;
  readonly #queue: WriteQueue;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WritePumpOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.queue);
  }

  /** Looks at all these anew, and writes those that are due. */
  resume(keys: Iterable<string>): void {
    const { mayWrite, isDue } = this.#options;
    if (!mayWrite()) return;
    for (const key of keys)
      if (isDue(key)) this.#queue.add(key);
      else this.#queue.remove(key);
    this.#pump();
  }

  /** There is nothing (more) to write of this. */
  remove(key: string): void {
    this.#queue.remove(key);
  }

  /** Those that are being written, or are to be. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted || !this.#options.mayWrite()) return;
    const now = performance.now();
    for (let key = this.#queue.take(now); key !== undefined; key = this.#queue.take(now))
      void this.#write(key);
    const next = this.#queue.nextAtMs(now);
    if (next !== undefined) this.#timer = setTimeout(() => this.#pump(), Math.max(1, next - now));
  }

  async #write(key: string): Promise<void> {
    const { signal } = this.#abort;
    const again = await this.#options.write(key, signal).catch((error: unknown) => {
      if (signal.aborted) return false;
      throw error;
    });
    if (signal.aborted) return;
    this.#queue.done(key, again, performance.now());
    if (!again && this.#options.isDue(key)) this.#queue.add(key);
    this.#pump();
  }
}
