import { Worker } from 'node:worker_threads';
import type { UnknownFields } from '../api/index.ts';
import { LARGE_CHARACTERS, type Part, readPart, unreadPart } from './part.ts';
import type { PartReply, PartRequest } from './part-messages.ts';

/** What the tree of the largest document takes, and half as much again. */
const MAX_HEAP_MB = 2048;

// Compiled files end in .js, and so does the thread's.
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('./part-thread.ts', import.meta.url)
  : new URL('./part-thread.js', import.meta.url);

/** Reads parts of manifests: large ones in a thread, which is there from the first of them until {@link close}. */
export class PartReader {
  readonly #unknownFields: UnknownFields;
  #worker: Worker | undefined;
  #closed = false;

  constructor(unknownFields: UnknownFields) {
    this.#unknownFields = unknownFields;
  }

  /** One at a time. A thread that ends costs the part that it was reading. */
  async read(text: string): Promise<Part> {
    if (text.length <= LARGE_CHARACTERS) return readPart(text, this.#unknownFields);
    if (this.#closed) return unreadPart('not read: the reader has been closed');
    this.#worker ??= new Worker(THREAD, {
      name: 'manifests',
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    const worker = this.#worker;
    return await new Promise(resolve => {
      const end = (part: Part) => {
        worker.removeAllListeners();
        resolve(part);
      };
      const failed = (why: string) => {
        this.#worker = undefined;
        end(unreadPart(`cannot be read: ${why}`));
      };
      worker.on('message', (part: PartReply) => end(part));
      worker.on('error', error => failed((error as Error).message));
      worker.on('exit', () => failed('the thread that read it has ended'));
      worker.postMessage({ text, unknownFields: this.#unknownFields } satisfies PartRequest);
    });
  }

  /** What it is reading is not read. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }
}
