import type { PayloadSink } from '../../codec/body-form.ts';
import type { EventPosition } from '../../codec/event-position.ts';
import { ChunkedScanner } from '../chunked.ts';
import { trailerFields } from '../trailers.ts';

/** Takes a body out of its chunks, for a client whose codec frames bodies otherwise. */
export class ChunkPayload {
  readonly #scanner: ChunkedScanner;
  readonly #position: EventPosition | undefined;
  readonly #named: readonly string[] | undefined;
  #pieces: Buffer[] = [];
  /** In the bytes pushed last: index after the body's last byte; -1 while it goes on. */
  end = -1;

  /** @param position undefined: no events @param named fields that the message's `connection` names */
  constructor(position: EventPosition | undefined, named: readonly string[] | undefined) {
    this.#position = position;
    this.#named = named;
    this.#scanner = new ChunkedScanner((bytes, from, to) => {
      position?.push(bytes, from, to);
      this.#pieces.push(bytes.subarray(from, to));
    });
  }

  get betweenEvents(): boolean {
    return this.#position?.between === true;
  }

  /** Of those that may be passed on: name, value, … */
  get trailers(): string[] {
    return trailerFields(this.#scanner.trailers, this.#named);
  }

  watch(sink: PayloadSink): void {
    this.#scanner.watch(sink);
  }

  /**
   * @returns the payload
   * @throws HttpSyntaxError
   */
  push(bytes: Buffer): Buffer | undefined {
    this.end = this.#scanner.push(bytes);
    const pieces = this.#pieces;
    if (pieces.length === 0) return undefined;
    this.#pieces = [];
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }
}
