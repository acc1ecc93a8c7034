const NONE = -1;

/**
 * The KV blocks of one engine, as vLLM's BlockPool keeps them: blocks are counted by who uses them, a block that nobody uses
 * keeps its content until it is needed, and the one that was unused longest goes first.
 */
export class BlockPool {
  readonly size: number;
  #free: number;
  readonly #users: Int32Array;
  /** Content hash of a full block; 0 for none. */
  readonly #hashes: Float64Array;
  readonly #blockOfHash = new Map<number, number>();
  // Blocks without a user, oldest first: a doubly linked list, since a hit takes a block out of its middle.
  readonly #previous: Int32Array;
  readonly #next: Int32Array;
  #oldest = NONE;
  #newest = NONE;

  constructor(size: number) {
    this.size = size;
    this.#free = 0;
    this.#users = new Int32Array(size);
    this.#hashes = new Float64Array(size);
    this.#previous = new Int32Array(size).fill(NONE);
    this.#next = new Int32Array(size).fill(NONE);
    for (let block = 0; block < size; block++) this.#append(block);
  }

  /** Blocks without a user; they may hold content that can be hit. */
  get free(): number {
    return this.#free;
  }

  /** 0..1 of all blocks that have a user. */
  get usage(): number {
    return this.size === 0 ? 0 : (this.size - this.#free) / this.size;
  }

  /** Is a block with this content there, and does taking it need a free one? */
  find(hash: number): number {
    return this.#blockOfHash.get(hash) ?? NONE;
  }

  isFree(block: number): boolean {
    return this.#users[block] === 0;
  }

  /** Adds a user to a block that `find` gave. */
  share(block: number): void {
    if (this.#users[block]!++ === 0) this.#unlink(block);
  }

  /** Takes a block and drops what it held; -1 when none is free. */
  take(): number {
    const block = this.#oldest;
    if (block === NONE) return NONE;
    this.#unlink(block);
    this.#users[block] = 1;
    const hash = this.#hashes[block]!;
    if (hash !== 0) {
      if (this.#blockOfHash.get(hash) === block) this.#blockOfHash.delete(hash);
      this.#hashes[block] = 0;
    }
    return block;
  }

  /** Names the content of a full block, so that others can share it. The first block of equal content is the one that is hit. */
  label(block: number, hash: number): void {
    if (this.#hashes[block] !== 0) return;
    this.#hashes[block] = hash;
    if (!this.#blockOfHash.has(hash)) this.#blockOfHash.set(hash, block);
  }

  release(block: number): void {
    if (--this.#users[block]! === 0) this.#append(block);
  }

  #append(block: number): void {
    this.#previous[block] = this.#newest;
    this.#next[block] = NONE;
    if (this.#newest === NONE) this.#oldest = block;
    else this.#next[this.#newest] = block;
    this.#newest = block;
    this.#free++;
  }

  #unlink(block: number): void {
    const previous = this.#previous[block]!;
    const next = this.#next[block]!;
    if (previous === NONE) this.#oldest = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#newest = previous;
    else this.#previous[next] = previous;
    this.#free--;
  }
}
