import { BoundedTable, type SharedTable } from './bounded-table.ts';

/** 2^18 entries × 8 bytes: about 16 million characters of prompts at 64 a block. */
const DEFAULT_ENTRIES = 1 << 18;

/**
 * Which endpoints have lately been sent which blocks of prompts: an estimate of what their prefix caches hold. An entry for each
 * pair of a block and an endpoint: one that is lost or taken for another (2^-32) costs a worse pick, nothing else.
 */
export class PrefixTable {
  readonly #table: BoundedTable;

  private constructor(table: BoundedTable) {
    this.#table = table;
  }

  /** @param entries a power of two */
  static create(entries = DEFAULT_ENTRIES): PrefixTable {
    return new PrefixTable(BoundedTable.create(entries));
  }

  static attach(shared: SharedTable): PrefixTable {
    return new PrefixTable(new BoundedTable(shared));
  }

  get shared(): SharedTable {
    return this.#table.shared;
  }

  /** How many of the blocks, from the first on, the endpoint is thought to have. */
  matched(blocks: Int32Array, count: number, slot: number): number {
    const table = this.#table;
    for (let i = 0; i < count; i++) if (table.find(pairTag(blocks[i] as number, slot)) === -1) return i;
    return count;
  }

  /** The endpoint is sent these blocks. @param tick whole, from 1 */
  add(blocks: ArrayLike<number>, count: number, slot: number, tick: number): void {
    for (let i = 0; i < count; i++) this.#table.use(pairTag(blocks[i] as number, slot), tick);
  }
}

/** 32 bits for a block at an endpoint; never 0. */
function pairTag(block: number, slot: number): number {
  let tag = Math.imul(block ^ Math.imul(slot + 1, 0x9e3779b1), 0x85ebca6b);
  tag ^= tag >>> 15;
  return tag === 0 ? 1 : tag;
}
