import type { PayloadSink } from '../../codec/body-form.ts';
import type { EventPosition } from '../../codec/event-position.ts';
import { ChunkedScanner } from '../chunked.ts';
import { allowedTrailers } from '../trailers.ts';

const NOTHING = Buffer.alloc(0);
const NO_FIELDS: readonly string[] = [];

/**
 * Passes a chunked body on as it comes. Only a line of its framing waits until it is whole, so that a client stands at a chunk's
 * end or in its data; trailers are filtered like the head's fields.
 */
export class ChunkRelay {
  readonly #scanner: ChunkedScanner;
  readonly #position: EventPosition | undefined;
  readonly #named: readonly string[] | undefined;
  /** A line that is not whole yet, or the last chunk's with what has come of the trailers. */
  #line: Buffer | undefined;
  /** In the bytes pushed last: index after the body's last byte; -1 while it goes on. */
  end = -1;
  /** An event may be put in after what was passed on last. */
  betweenEvents: boolean;
  /** None apart from what is passed on. */
  readonly trailers = NO_FIELDS;

  /** @param position undefined: no events @param named fields that the message's `connection` names */
  constructor(position: EventPosition | undefined, named: readonly string[] | undefined) {
    this.#position = position;
    this.#named = named;
    this.betweenEvents = position !== undefined;
    this.#scanner = new ChunkedScanner(position && ((bytes, from, to) => position.push(bytes, from, to)));
  }

  /** Shows the payload, each piece before {@link push} returns it. */
  watch(sink: PayloadSink): void {
    this.#scanner.watch(sink);
  }

  /**
   * @returns what is to be passed on now
   * @throws HttpSyntaxError
   */
  push(bytes: Buffer): Buffer | undefined {
    const scanner = this.#scanner;
    this.end = scanner.push(bytes);
    const held = this.#line;
    const { lineFrom } = scanner;
    if (this.end !== -1) return this.#last(bytes, held, lineFrom);
    if (held !== undefined && lineFrom === 0) {
      this.#line = Buffer.concat([held, bytes]);
      return undefined;
    }
    const partial = lineFrom < bytes.length;
    this.#line = partial ? bytes.subarray(lineFrom) : undefined;
    this.betweenEvents = this.#position?.between === true && scanner.atBoundary;
    const now = partial ? bytes.subarray(0, lineFrom) : bytes;
    if (held !== undefined) return Buffer.concat([held, now]);
    return now.length === 0 ? undefined : now;
  }

  #last(bytes: Buffer, held: Buffer | undefined, lineFrom: number): Buffer {
    const { trailers } = this.#scanner;
    if (trailers === '') {
      const rest = this.end === bytes.length ? bytes : bytes.subarray(0, this.end);
      return held === undefined ? rest : Buffer.concat([held, rest]);
    }
    const last = Buffer.from(`0\r\n${allowedTrailers(trailers, this.#named)}\r\n`, 'latin1');
    // What is held is the last chunk's line itself, unless that began in these bytes.
    const before = lineFrom === 0 || held === undefined ? NOTHING : held;
    return Buffer.concat([before, bytes.subarray(0, lineFrom), last]);
  }
}
