import type { ByteBudget } from './byte-budget.ts';

/** Smaller pieces are put together: each would cost more than it holds, and keep all that was read with it in memory. */
const SMALL_BYTES = 4096;
const FIRST_BLOCK_BYTES = 16 * 1024;
const LARGEST_BLOCK_BYTES = 256 * 1024;

/** Bytes that come in pieces and are held, within a budget that others share. */
export class HeldBytes {
  /** What is held now. */
  length = 0;
  readonly #budget: ByteBudget;
  #pieces: Buffer[] = [];
  /** The last of the pieces has room: the block that it is the begin of, and how much of that is used. */
  #block: Buffer | undefined;
  #used = 0;
  /** Who needs it besides the one who holds it. */
  #sharers = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** @returns false where there is no room for it: then it is not held, and what is held stays */
  push(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    if (!this.#budget.resize(this.length, this.length + bytes.length)) return false;
    this.length += bytes.length;
    // A small first piece is most often the only one.
    if (bytes.length >= SMALL_BYTES || this.#pieces.length === 0) {
      this.#block = undefined;
      this.#pieces.push(bytes);
    } else this.#append(bytes);
    return true;
  }

  /** In one piece; it stays held. */
  whole(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    this.#block = undefined;
    return this.#pieces[0] as Buffer;
  }

  /** In pieces; nothing is held any more. */
  take(): Buffer[] {
    const pieces = this.#pieces;
    this.#free();
    return pieces;
  }

  /** Somebody else needs it too, and says when not any more: {@link drop}. */
  share(): void {
    this.#sharers++;
  }

  /** Whoever held or shared it needs it no longer; the last one's word counts. */
  drop(): void {
    if (this.#sharers > 0) this.#sharers--;
    else this.#free();
  }

  #free(): void {
    this.#budget.resize(this.length, 0);
    this.length = 0;
    this.#pieces = [];
    this.#block = undefined;
  }

  #append(bytes: Buffer): void {
    let block = this.#block;
    if (block === undefined || block.length - this.#used < bytes.length) {
      const size = block === undefined ? FIRST_BLOCK_BYTES : Math.min(LARGEST_BLOCK_BYTES, block.length * 2);
      block = Buffer.allocUnsafeSlow(size);
      this.#block = block;
      this.#used = 0;
      this.#pieces.push(block.subarray(0, 0));
    }
    bytes.copy(block, this.#used);
    this.#used += bytes.length;
    this.#pieces[this.#pieces.length - 1] = block.subarray(0, this.#used);
  }
}
