/** A range of IPv4 addresses. */
export class Range {
  readonly #first: number;
  readonly #bits: number;

  /** @param first as a number; @param bits of the prefix */
  constructor(first: number, bits: number) {
    this.#first = first;
    this.#bits = bits;
  }

  get cidr(): string {
    return `${this.at(0)}/${this.#bits}`;
  }

  at(index: number): string {
    const address = this.#first + index;
    return [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join('.');
  }

  includes(address: string): boolean {
    const parts = address.split('.').map(Number);
    if (parts.length !== 4 || parts.some(part => !(part >= 0 && part <= 255))) return false;
    const value = parts.reduce((sum, part) => sum * 256 + part, 0);
    return value >= this.#first && value < this.#first + 2 ** (32 - this.#bits);
  }

  /** The first that is not taken, without the first and the last of the range. */
  free(taken: ReadonlySet<string>): string | undefined {
    for (let index = 1; index < 2 ** (32 - this.#bits) - 1; index++)
      if (!taken.has(this.at(index))) return this.at(index);
    return undefined;
  }
}
