import { type ByteBudget, HeldBytes } from '../../kernel/index.ts';

/** A request's body while it is read: bounded by itself, and together with all others. */
export class HeldBody {
  readonly #held: HeldBytes;

  constructor(budget: ByteBudget) {
    this.#held = new HeldBytes(budget);
  }

  get length(): number {
    return this.#held.length;
  }

  /** @returns false: there is no room for it */
  push(chunk: Buffer): boolean {
    return this.#held.push(chunk);
  }

  /** All of it in one piece; nothing is held any more. */
  take(): Buffer {
    const whole = this.#held.whole();
    this.#held.drop();
    return whole;
  }

  drop(): void {
    this.#held.drop();
  }
}
