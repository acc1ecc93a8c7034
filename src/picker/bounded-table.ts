/** Entries looked at for one tag: the least recently used of them makes room. */
const WAYS = 4;

/** Numbers of an entry: its tag, and when it was last used. */
const CELLS = 2;
const USED = 1;

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
  /** Tag and time of use of each entry, side by side: what looks at an entry finds both in one line of the processor's cache. */
  readonly #cells: Int32Array;
  readonly #mask: number;

  constructor(shared: SharedTable) {
    const { entries, buffer } = shared;
    this.shared = shared;
    this.#cells = new Int32Array(buffer, 0, entries * CELLS);
    this.#mask = entries / WAYS - 1;
  }

  /** @param entries a power of two. @param columns numbers of 32 bits that are kept with each */
  static create(entries: number, columns = 0): BoundedTable {
    return new BoundedTable({ entries, buffer: new SharedArrayBuffer(entries * 4 * (CELLS + columns)) });
  }

  /** What is kept with the entries, at the places that {@link find} and {@link place} give. */
  column(index: number): Int32Array {
    const { entries, buffer } = this.shared;
    return new Int32Array(buffer, entries * 4 * (CELLS + index), entries);
  }

  /** @param tag not 0. @returns the place of its entry; -1: there is none */
  find(tag: number): number {
    const cells = this.#cells;
    const first = (tag & this.#mask) * WAYS;
    for (let at = first; at < first + WAYS; at++) if (cells[at * CELLS] === tag) return at;
    return -1;
  }

  /**
   * Makes an entry of the tag the one that was used last.
   * @param tick when, in whole units of its user, from 1; 0 is never
   * @returns its place, which may have been another's before
   */
  use(tag: number, tick: number): number {
    const cells = this.#cells;
    let at = this.find(tag);
    if (at === -1) {
      at = this.#leastUsed(tag);
      cells[at * CELLS] = tag;
    }
    cells[at * CELLS + USED] = tick;
    return at;
  }

  #leastUsed(tag: number): number {
    const cells = this.#cells;
    const first = (tag & this.#mask) * WAYS;
    let least = first;
    for (let at = first + 1; at < first + WAYS; at++)
      if ((cells[at * CELLS + USED] as number) < (cells[least * CELLS + USED] as number)) least = at;
    return least;
  }
}
