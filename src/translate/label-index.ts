type Labels = Readonly<Record<string, string>>;

/** Finds things by their labels without looking at all of them. */
export class LabelIndex<T> {
  readonly #items: readonly T[];
  readonly #labelsOf: (item: T) => Labels;
  #byLabel: ReadonlyMap<string, readonly T[]> | undefined;

  constructor(items: readonly T[], labelsOf: (item: T) => Labels) {
    this.#items = items;
    this.#labelsOf = labelsOf;
  }

  /** Those that have one of these labels, the one that the fewest have: all that have all of them, and maybe more. */
  candidates(wanted: Labels): readonly T[] {
    let fewest: readonly T[] = this.#items;
    for (const key in wanted) {
      const found = this.#index().get(pair(key, wanted[key]!)) ?? [];
      if (found.length < fewest.length) fewest = found;
    }
    return fewest;
  }

  #index(): ReadonlyMap<string, readonly T[]> {
    if (this.#byLabel !== undefined) return this.#byLabel;
    const byLabel = new Map<string, T[]>();
    for (const item of this.#items) {
      const labels = this.#labelsOf(item);
      for (const key in labels) {
        const known = byLabel.get(pair(key, labels[key]!));
        if (known === undefined) byLabel.set(pair(key, labels[key]!), [item]);
        else known.push(item);
      }
    }
    this.#byLabel = byLabel;
    return byLabel;
  }
}

function pair(key: string, value: string): string {
  return `${key}\0${value}`;
}
