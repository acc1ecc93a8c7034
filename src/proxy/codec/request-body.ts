import { type ByteBudget, HeldBytes } from '../../kernel/index.ts';

const NO_FIELDS: readonly string[] = [];

/** A request's body as its codec reads it, without its framing. What is held of it counts in the budget of all bodies. */
export class RequestBody {
  /** What the head says; -1: its length is seen at its end. */
  readonly declaredLength: number;
  /** Payload so far. */
  length = 0;
  ended: boolean;
  /** There was no room for more of it: what came since is lost. */
  starved = false;
  /** Those that may be passed on, when it has ended: name, value, … */
  trailers: readonly string[] = NO_FIELDS;
  readonly #held: HeldBytes;
  /** Nobody wants it any more: what comes is thrown away. */
  #dropped = false;

  constructor(declaredLength: number, budget: ByteBudget) {
    this.declaredLength = declaredLength;
    this.ended = declaredLength === 0;
    this.#held = new HeldBytes(budget, declaredLength);
  }

  /** Bytes that have come and were not taken yet. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** More of it has come. For its codec alone, as is {@link ended}. */
  add(bytes: Buffer): void {
    this.length += bytes.length;
    if (this.#dropped || this.starved || this.#held.push(bytes)) return;
    this.starved = true;
    this.#held.take();
  }

  /** What is held, in one piece; it stays held. */
  peek(): Buffer {
    return this.#held.whole();
  }

  /** What is held; it is held no longer. */
  take(): Buffer[] {
    return this.#held.take();
  }

  /** A copy of the request needs what is held too, until {@link unshare}. */
  share(): void {
    this.#held.share();
  }

  unshare(): void {
    this.#held.drop();
  }

  /** It is not needed any more: what is held is given back, what still comes is thrown away. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#held.drop();
  }
}
