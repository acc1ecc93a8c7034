import { peerTakes } from '../../support/peer-takes.ts';

/** Requests one after the other, and what came of them. */
export class Load {
  /** Statuses, or messages of errors, with their counts. */
  readonly answers = new Map<number | string, number>();
  readonly #done: Promise<void>;
  #running = true;

  constructor(request: () => Promise<number>) {
    this.#done = this.#run(request);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #run(request: () => Promise<number>): Promise<void> {
    while (this.#running) {
      const answer = await request().catch((error: Error) => error.message);
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
      await peerTakes(5);
    }
  }
}
