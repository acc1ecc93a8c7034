import type { ByteBudget } from './byte-budget.ts';

/** Smaller pieces are put together: each would cost more than it holds, and keep all that was read with it in memory. */
const SMALL_BYTES = 4096;
const FIRST_BLOCK_BYTES = 16 * 1024;
const LARGEST_BLOCK_BYTES = 256 * 1024;
/** When a fourth has come, the rest has its place: a client that only says that much will come has none. */
const GATHERED_FROM = 4;

/** Bytes that come in pieces and are held, within a budget that others share. */
export class HeldBytes {
  /** What is held now. */
  length = 0;
  readonly #budget: ByteBudget;
  /** How much is said to come; -1 where that is not known. */
  readonly #expected: number;
  /** All of it is in one block that the rest has room in. */
  #gathered = false;
  #pieces: Buffer[] = [];
  /** The last of the pieces has room: the block that it is the begin of, and how much of that is used. */
  #block: Buffer | undefined;
  #used = 0;
  /** Who needs it besides the one who holds it. */
  #sharers = 0;

  constructor(budget: ByteBudget, expectedBytes = -1) {
    this.#budget = budget;
    this.#expected = expectedBytes;
  }

  /** @returns false where there is no room for it: then it is not held, and what is held stays */
  push(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    if (!this.#budget.resize(this.length, this.length + bytes.length)) return false;
    this.length += bytes.length;
    if (this.#gathered && this.#used + bytes.length <= this.#expected) {
      this.#append(bytes);
      return true;
    }
    // A small first piece is most often the only one.
    if (bytes.length >= SMALL_BYTES || this.#pieces.length === 0) {
      this.#block = undefined;
      this.#pieces.push(bytes);
    } else this.#append(bytes);
    if (
      !this.#gathered &&
      this.length * GATHERED_FROM >= this.#expected &&
      this.#expected >= LARGEST_BLOCK_BYTES
    )
      this.#gather();
    return true;
  }

  /** In one piece; it stays held. */
  whole(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    this.#block = undefined;
    this.#gathered = false;
    return this.#pieces[0] as Buffer;
  }

  /** A large one is put together while it comes: at its end there are not two of it. */
  #gather(): void {
    if (this.length >= this.#expected) return;
    const block = Buffer.allocUnsafeSlow(this.#expected);
    let used = 0;
    for (const piece of this.#pieces) used += piece.copy(block, used);
    this.#block = block;
    this.#used = used;
    this.#pieces = [block.subarray(0, used)];
    this.#gathered = true;
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
    this.#gathered = false;
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
