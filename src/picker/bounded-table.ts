/** Entries looked at for one tag: the least recently used of them makes room. */
const WAYS = 4;

/** What crosses to a worker. */
export interface SharedTable {
  /** A power of two. */
  readonly entries: number;
  readonly buffer: SharedArrayBuffer;
}

/**
 * A set-associative table of hashes that all workers share without locks. It never grows: what is new takes the place of what was
 * used longest ago. Two workers may write one entry at once, so an entry may be lost or be wrong; whoever uses the table must be able to bear that.
 */
export class BoundedTable {
  readonly shared: SharedTable;
  readonly #tags: Int32Array;
  /** When an entry was last used, in whole units of its user, from 1; 0: never. */
  readonly #used: Int32Array;
  readonly #mask: number;

  constructor(shared: SharedTable) {
    const { entries, buffer } = shared;
    this.shared = shared;
    this.#tags = new Int32Array(buffer, 0, entries);
    this.#used = new Int32Array(buffer, entries * 4, entries);
    this.#mask = entries / WAYS - 1;
  }

  /** @param entries a power of two. @param columns numbers of 32 bits that are kept with each */
  static create(entries: number, columns = 0): BoundedTable {
    return new BoundedTable({ entries, buffer: new SharedArrayBuffer(entries * 4 * (2 + columns)) });
  }

  /** What is kept with the entries, at the places that {@link find} and {@link place} give. */
  column(index: number): Int32Array {
    const { entries, buffer } = this.shared;
    return new Int32Array(buffer, entries * 4 * (2 + index), entries);
  }

  /** @param tag not 0. @returns the place of its entry; -1: there is none */
  find(tag: number): number {
    const tags = this.#tags;
    const first = (tag & this.#mask) * WAYS;
    for (let at = first; at < first + WAYS; at++) if (tags[at] === tag) return at;
    return -1;
  }

  /** Makes an entry of the tag the one that was used last. @returns its place, which may have been another's before */
  use(tag: number, tick: number): number {
    let at = this.find(tag);
    if (at === -1) {
      at = this.#leastUsed(tag);
      this.#tags[at] = tag;
    }
    this.#used[at] = tick;
    return at;
  }

  #leastUsed(tag: number): number {
    const used = this.#used;
    const first = (tag & this.#mask) * WAYS;
    let least = first;
    for (let at = first + 1; at < first + WAYS; at++)
      if ((used[at] as number) < (used[least] as number)) least = at;
    return least;
  }
}
