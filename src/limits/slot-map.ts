/**
 * Gives names a row number in a shared table, the same one as long as the name is in use:
 * a request that began under an older plan still counts in the row of its name.
 */
export class SlotMap {
  readonly #size: number;
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  #next = 0;

  /** @param size how many rows the table has */
  constructor(size: number) {
    this.#size = size;
  }

  /** @throws RangeError when every row is taken */
  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#free.pop() ?? this.#next++;
    if (slot >= this.#size) throw new RangeError(`no row left for ${name}: the table has ${this.#size}`);
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
      this.#free.push(slot);
      freed.push(slot);
    }
    return freed;
  }
}
