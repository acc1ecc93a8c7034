/** A body as pieces, one after the other; not empty. */
export type Pieces = readonly Buffer[];

/** Up to here a body is copied rather than sent in pieces. */
const SMALL_BYTES = 64 * 1024;

/**
 * Puts a value in the place of others, leaving every other byte as it is: numbers beyond 2^53, and whatever a model server
 * understands and we do not. All of a repeated key's values are replaced: whichever counts for the server.
 * @param places where each begins and ends, by turns, in order
 */
export function replaced(body: Buffer, places: readonly number[], value: Buffer): Pieces {
  const pieces: Buffer[] = [];
  let kept = 0;
  for (let i = 0; i < places.length; i += 2) {
    pieces.push(body.subarray(kept, places[i]), value);
    kept = places[i + 1] as number;
  }
  pieces.push(body.subarray(kept));
  return body.length <= SMALL_BYTES ? [Buffer.concat(pieces)] : pieces;
}
