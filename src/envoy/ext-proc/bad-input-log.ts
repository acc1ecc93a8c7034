import { startTimer, stopTimer, type Timer } from '../../kernel/index.ts';

/** Lines a second: somebody who sends nothing but garbage does not fill the log. */
const LINES_PER_SECOND = 10;

/** What came that could not be understood: all is counted, and told as far as anybody can read it. */
export class BadInputLog {
  count = 0;
  readonly #write: (message: string) => void;
  #lines = 0;
  #leftOut = 0;
  #timer: Timer | undefined;

  constructor(write: (message: string) => void) {
    this.#write = write;
  }

  /** @param peer ADDRESS:PORT */
  add(peer: string, reason: string): void {
    this.count++;
    if (++this.#lines > LINES_PER_SECOND) {
      this.#leftOut++;
      return;
    }
    this.#write(`ext_proc client ${peer}: ${reason}`);
    if (this.#timer !== undefined) return;
    this.#timer = startTimer(1000, () => this.#second());
    this.#timer.unref();
  }

  close(): void {
    stopTimer(this.#timer);
  }

  #second(): void {
    this.#timer = undefined;
    this.#lines = 0;
    if (this.#leftOut > 0) this.#write(`ext_proc: ${this.#leftOut} more lines of this kind were left out`);
    this.#leftOut = 0;
  }
}
