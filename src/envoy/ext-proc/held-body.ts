import { type ByteBudget, HeldBytes } from '../../kernel/index.ts';
import { type LocalReply, noRoomReply, TOO_LARGE_REPLY } from '../../request/index.ts';

/** A request's body while it is read: bounded by itself, and together with all others. */
export class HeldBody {
  readonly #budget: ByteBudget;
  readonly #maxBytes: number;
  readonly #held: HeldBytes;

  constructor(budget: ByteBudget, maxBytes: number) {
    this.#budget = budget;
    this.#maxBytes = maxBytes;
    this.#held = new HeldBytes(budget);
  }

  /** @returns what the client is told where it cannot be kept */
  push(chunk: Buffer): LocalReply | undefined {
    if (this.#held.length + chunk.length > this.#maxBytes) return TOO_LARGE_REPLY;
    return this.#held.push(chunk) ? undefined : noRoomReply(this.#budget);
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
