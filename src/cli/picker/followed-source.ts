import { type OnFault, RepeatedTask } from '../../kernel/index.ts';
import type { Source } from '../../source/index.ts';

/**
 * Takes over what a source has, at each of its changes; what could not be taken over is tried again, slower each time. Until
 * then what was taken over before goes on.
 */
export class FollowedSource {
  readonly #take: () => void;
  readonly #onFault: OnFault;
  readonly #unsubscribe: () => void;
  #task: RepeatedTask | undefined;

  constructor(source: Pick<Source, 'onChange'>, take: () => void, onFault: OnFault) {
    this.#take = take;
    this.#onFault = onFault;
    this.#unsubscribe = source.onChange(() => this.#changed());
  }

  stop(): void {
    this.#unsubscribe();
    this.#task?.stop();
  }

  #changed(): void {
    this.#task?.stop();
    const task = new RepeatedTask(
      { task: 'taking over the manifests', everyMs: RETRY_MS, onFault: this.#onFault },
      () => {
        this.#take();
        task.stop();
      },
    );
    this.#task = task.start();
  }
}

/** The first try after one that failed. */
const RETRY_MS = 1000;
