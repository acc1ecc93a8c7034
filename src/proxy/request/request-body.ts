import { ChunkedScanner } from '../http1/chunked.ts';
import type { FieldFacts } from '../http1/fields.ts';
import { allowedTrailers } from '../http1/trailers.ts';

/** A request's body as it comes from the client, without its framing. */
export class RequestBody {
  /** From Content-Length; -1 for a chunked body. */
  readonly declaredLength: number;
  /** Payload so far. */
  length = 0;
  ended: boolean;
  /** What has come and was not taken yet. */
  #held: Buffer[] = [];
  #taken = 0;
  readonly #scanner: ChunkedScanner | undefined;

  constructor(facts: FieldFacts) {
    this.declaredLength = facts.chunked ? -1 : Math.max(0, facts.contentLength);
    this.ended = this.declaredLength === 0;
    this.#scanner = facts.chunked
      ? new ChunkedScanner((bytes, from, to) => {
          this.length += to - from;
          this.#held.push(bytes.subarray(from, to));
        })
      : undefined;
  }

  /** Bytes that have come and were not taken yet. */
  get heldBytes(): number {
    return this.length - this.#taken;
  }

  /** Lines that may be passed on, each with its CRLF. */
  get trailers(): string {
    return allowedTrailers(this.#scanner?.trailers ?? '');
  }

  /**
   * @returns index after the last byte of the body in `bytes`, or -1 when it goes on
   * @throws HttpSyntaxError
   */
  push(bytes: Buffer): number {
    if (this.#scanner !== undefined) {
      const end = this.#scanner.push(bytes);
      this.ended = end !== -1;
      return end;
    }
    const take = Math.min(bytes.length, this.declaredLength - this.length);
    this.length += take;
    this.#held.push(take === bytes.length ? bytes : bytes.subarray(0, take));
    this.ended = this.length === this.declaredLength;
    return this.ended ? take : -1;
  }

  /** What is held, in one piece; it stays held. */
  peek(): Buffer {
    if (this.#held.length !== 1) this.#held = [Buffer.concat(this.#held)];
    return this.#held[0] as Buffer;
  }

  /** What is held; it is held no longer. */
  take(): Buffer[] {
    const held = this.#held;
    this.#held = [];
    this.#taken = this.length;
    return held;
  }
}
