import { type ByteBudget, HeldBytes } from '../../kernel/index.ts';
import { ChunkedScanner } from '../http1/chunked.ts';
import type { FieldFacts } from '../http1/fields.ts';
import { allowedTrailers } from '../http1/trailers.ts';

/** A request's body as it comes from the client, without its framing. What is held of it counts in the budget of all bodies. */
export class RequestBody {
  /** From Content-Length; -1 for a chunked body. */
  readonly declaredLength: number;
  /** Payload so far. */
  length = 0;
  ended: boolean;
  /** There was no room for more of it: what came since is lost. */
  starved = false;
  readonly #held: HeldBytes;
  /** Nobody wants it any more: what comes is thrown away. */
  #dropped = false;
  readonly #scanner: ChunkedScanner | undefined;

  constructor(facts: FieldFacts, budget: ByteBudget) {
    this.declaredLength = facts.chunked ? -1 : Math.max(0, facts.contentLength);
    this.ended = this.declaredLength === 0;
    this.#held = new HeldBytes(budget, this.declaredLength);
    this.#scanner = facts.chunked
      ? new ChunkedScanner((bytes, from, to) => this.#keep(bytes.subarray(from, to)))
      : undefined;
  }

  /** Bytes that have come and were not taken yet. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Lines that may be passed on, each with its CRLF. */
  get trailers(): string {
    return allowedTrailers(this.#scanner?.trailers ?? '');
  }

  /**
   * @returns index after the last byte of the body in `bytes`, or -1 when it goes on
   * @throws HttpSyntaxError; nothing is held then
   */
  push(bytes: Buffer): number {
    if (this.#scanner !== undefined) {
      try {
        const end = this.#scanner.push(bytes);
        this.ended = end !== -1;
        return end;
      } catch (error) {
        this.drop();
        throw error;
      }
    }
    const take = Math.min(bytes.length, this.declaredLength - this.length);
    this.#keep(take === bytes.length ? bytes : bytes.subarray(0, take));
    this.ended = this.length === this.declaredLength;
    return this.ended ? take : -1;
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

  #keep(bytes: Buffer): void {
    this.length += bytes.length;
    if (this.#dropped || this.starved || this.#held.push(bytes)) return;
    this.starved = true;
    this.#held.take();
  }
}
