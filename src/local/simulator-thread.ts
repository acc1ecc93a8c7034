import { Worker } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest, ThreadSimulator } from './thread-messages.ts';

/** A simulator could not be started; `code` is listen(2)'s, e.g. EADDRINUSE. */
export class SimulatorStartError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'SimulatorStartError';
    this.code = code;
  }
}

// Compiled files end in .js, and so does the thread's.
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('./model-server-thread.ts', import.meta.url)
  : new URL('./model-server-thread.js', import.meta.url);

/** The main thread's side of the thread with the simulators. */
export class SimulatorThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (reply: ThreadReply) => void>();
  #nextId = 1;
  #closing = false;

  /** @param onDeath hears why, when the thread ends by itself; its simulators are gone. */
  constructor(onDeath: (reason: string) => void, thread = THREAD) {
    this.#worker = new Worker(thread, { name: 'simulators' });
    // Simulators alone do not keep the program running.
    this.#worker.unref();
    let reason = 'it ended';
    this.#worker.on('error', error => {
      reason = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('message', (reply: ThreadReply) => {
      const resolve = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      resolve?.(reply);
    });
    this.#worker.on('exit', () => {
      for (const [id, resolve] of this.#waiting)
        resolve({ kind: 'failed', id, errorCode: 'THREAD_ENDED', message: reason });
      this.#waiting.clear();
      if (!this.#closing) onDeath(reason);
    });
  }

  /**
   * @returns the id to stop it by
   * @throws SimulatorStartError
   */
  async start(simulator: ThreadSimulator): Promise<number> {
    const id = this.#nextId++;
    const reply = await this.#ask({ kind: 'start', id, simulator });
    if (reply.kind === 'failed') throw new SimulatorStartError(reply.errorCode, reply.message);
    return id;
  }

  /** Resolves when it has answered what it was answering, or has been cut off after the grace. */
  async stop(id: number, graceMs: number): Promise<void> {
    await this.#ask({ kind: 'stop', id, graceMs });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }

  #ask(request: ThreadRequest): Promise<ThreadReply> {
    return new Promise(resolve => {
      // A stop has another place than the start of the same id, which has been answered by then.
      this.#waiting.set(request.id, resolve);
      this.#worker.postMessage(request);
    });
  }
}
