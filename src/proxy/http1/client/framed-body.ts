import type { ByteBudget } from '../../../kernel/index.ts';
import { RequestBody } from '../../codec/request-body.ts';
import { ChunkedScanner } from '../chunked.ts';
import type { FieldFacts } from '../header-fields.ts';
import { trailerFields } from '../trailers.ts';

/** A request's body, which is found in the bytes of a connection (RFC 9112 section 6). */
export class FramedBody extends RequestBody {
  readonly #scanner: ChunkedScanner | undefined;

  constructor(facts: FieldFacts, budget: ByteBudget) {
    super(facts.chunked ? -1 : Math.max(0, facts.contentLength), budget);
    this.#scanner = facts.chunked
      ? new ChunkedScanner((bytes, from, to) => this.add(bytes.subarray(from, to)))
      : undefined;
  }

  /**
   * @returns index after the last byte of the body in `bytes`, or -1 when it goes on
   * @throws HttpSyntaxError; nothing is held then
   */
  push(bytes: Buffer): number {
    if (this.#scanner !== undefined) return this.#pushChunks(this.#scanner, bytes);
    const take = Math.min(bytes.length, this.declaredLength - this.length);
    this.add(take === bytes.length ? bytes : bytes.subarray(0, take));
    this.ended = this.length === this.declaredLength;
    return this.ended ? take : -1;
  }

  #pushChunks(scanner: ChunkedScanner, bytes: Buffer): number {
    try {
      const end = scanner.push(bytes);
      if (end !== -1) {
        this.ended = true;
        this.trailers = trailerFields(scanner.trailers);
      }
      return end;
    } catch (error) {
      this.drop();
      throw error;
    }
  }
}
