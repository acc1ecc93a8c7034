/** A whole body, in one piece or in several one after the other. */
export class BodyBytes {
  readonly pieces: readonly Buffer[];
  readonly length: number;

  /** @param pieces at least one */
  constructor(pieces: readonly Buffer[]) {
    this.pieces = pieces;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    this.length = length;
  }

  /** All of it in one piece. */
  get bytes(): Buffer {
    return this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
  }
}
