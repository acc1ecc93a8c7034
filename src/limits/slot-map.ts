/** A slot is a row and which of its names it is, in 31 bits. */
export function nextGeneration(generation: number, rows: number): number {
  return (generation + 1) % Math.floor(2 ** 31 / rows);
}

/**
 * Gives names a row number in a shared table, the same one as long as the name is in use:
 * a request that began under an older plan still counts in the row of its name.
 */
export class SlotMap {
  readonly #size: number;
  readonly #counts: boolean;
  /** By row: how many names have had it. */
  readonly #generations = new Map<number, number>();
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  #next = 0;

  /**
   * @param size how many rows the table has
   * @param counts a row that another name has had gets another slot: {@link LimitTable.retire}
   */
  constructor(size: number, counts = false) {
    this.#size = size;
    this.#counts = counts;
  }

  /** @throws RangeError when every row is taken */
  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const row = this.#free.pop() ?? (this.#next < this.#size ? this.#next++ : undefined);
    if (row === undefined) throw new RangeError(`no row left for ${name}: the table has ${this.#size}`);
    const slot = row + (this.#generations.get(row) ?? 0) * this.#size;
    this.#slots.set(name, slot);
    return slot;
  }

  get(name: string): number | undefined {
    return this.#slots.get(name);
  }

  entries(): IterableIterator<[string, number]> {
    return this.#slots.entries();
  }

  /**
   * Frees the rows of names that are no longer wanted and that nothing counts in any more.
   * @returns the rows that were freed
   */
  retain(wanted: ReadonlySet<string>, atRest: (slot: number) => boolean): number[] {
    const freed: number[] = [];
    for (const [name, slot] of this.#slots) {
      if (wanted.has(name) || !atRest(slot)) continue;
      this.#slots.delete(name);
      const row = slot % this.#size;
      this.#free.push(row);
      if (this.#counts) this.#generations.set(row, nextGeneration((slot - row) / this.#size, this.#size));
      freed.push(slot);
    }
    return freed;
  }
}
