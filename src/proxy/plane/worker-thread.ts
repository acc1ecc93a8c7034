import { Worker } from 'node:worker_threads';
import type { Acceptance } from '../../plan/index.ts';
import type { Answer, FromWorker, ToWorker, WorkerInit } from '../worker/messages.ts';

// Compiled files end in .js, and so does the worker's.
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../worker/worker-entry.ts', import.meta.url)
  : new URL('../worker/worker-entry.js', import.meta.url);

type Asked = Extract<ToWorker, { id: number }>;
export type Question = Asked extends infer T ? (T extends Asked ? Omit<T, 'id'> : never) : never;

export interface WorkerEvents {
  askedForIdle(slot: number): void;
  warned(message: string): void;
  /** Something of ours threw in it; it goes on. */
  faulted(message: string): void;
  /** It ended by itself; what it held is not given back yet. */
  died(reason: string): void;
}

/** The main thread's side of one worker of the data plane. */
export class WorkerThread {
  readonly number: number;
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #nextId = 1;
  #closing = false;

  constructor(init: WorkerInit, events: WorkerEvents) {
    this.number = init.worker;
    this.#worker = new Worker(ENTRY, { name: `proxy-${init.worker}`, workerData: init });
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    // Whoever started it may not be waiting any more when it dies.
    ready.promise.catch(() => {});
    let reason = 'it ended';
    this.#worker.on('error', error => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') ready.resolve();
      else if (message.type === 'ask-for-idle') events.askedForIdle(message.slot);
      else if (message.type === 'warning') events.warned(message.message);
      else if (message.type === 'fault') events.faulted(message.message);
      else {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error === undefined) waiting?.resolve(message);
        else waiting?.reject(new Error(message.error));
      }
    });
    this.#worker.on('exit', () => {
      const error = new Error(`worker ${init.worker} ended: ${reason}`);
      ready.reject(error);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      if (!this.#closing) events.died(reason);
    });
  }

  /** @throws when the worker says that it failed, or dies before it answers */
  ask(question: Question): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...question, id } satisfies ToWorker);
    });
  }

  yieldIdle(slot: number): void {
    this.#worker.postMessage({ type: 'yield-idle', slot } satisfies ToWorker);
  }

  setAcceptance(acceptance: Acceptance): void {
    this.#worker.postMessage({ type: 'set-acceptance', acceptance } satisfies ToWorker);
  }

  handOver(host: string | undefined): void {
    this.#worker.postMessage({ type: 'hand-over', host } satisfies ToWorker);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }
}
