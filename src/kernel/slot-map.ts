/** A slot is a row in its low bits, and above them which of the row's names it is; 31 bits together. @param rows of the table */
export function rowBits(rows: number): number {
  return 32 - Math.clz32(rows - 1);
}

export function nextGeneration(generation: number, rows: number): number {
  return (generation + 1) % 2 ** (31 - rowBits(rows));
}

/**
 * Gives names a row number in a shared table, the same one as long as the name is in use:
 * a request that began under an older plan still counts in the row of its name.
 */
export class SlotMap {
  readonly size: number;
  readonly #bits: number;
  /** By row: how many names have had it. */
  readonly #generations = new Map<number, number>();
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  #next = 0;

  /** @param size how many rows the table has */
  constructor(size: number) {
    this.size = size;
    this.#bits = rowBits(size);
  }

  /** @throws RangeError when every row is taken */
  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const row = this.#free.pop() ?? (this.#next < this.size ? this.#next++ : undefined);
    if (row === undefined) throw new RangeError(`no row left for ${name}: the table has ${this.size}`);
    const slot = row | ((this.#generations.get(row) ?? 0) << this.#bits);
    this.#slots.set(name, slot);
    return slot;
  }

  /** Rows that nobody has. */
  get left(): number {
    return this.#free.length + this.size - this.#next;
  }

  get(name: string): number | undefined {
    return this.#slots.get(name);
  }

  entries(): IterableIterator<[string, number]> {
    return this.#slots.entries();
  }

  /**
   * Frees the rows of names that are no longer wanted and that nothing counts in any more; the next name has another slot.
   * @param retire takes the row from its name in the table; false: something is in use there
   * @returns the slots that were freed
   */
  retain(wanted: ReadonlySet<string>, retire: (slot: number) => boolean): number[] {
    const freed: number[] = [];
    for (const [name, slot] of this.#slots) {
      if (wanted.has(name) || !retire(slot)) continue;
      this.#slots.delete(name);
      const row = slot & ((1 << this.#bits) - 1);
      this.#free.push(row);
      this.#generations.set(row, nextGeneration(slot >>> this.#bits, this.size));
      freed.push(slot);
    }
    return freed;
  }
}
