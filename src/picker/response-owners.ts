import { BoundedTable, type SharedTable } from './bounded-table.ts';

/** 65,536 responses × 16 bytes. */
const DEFAULT_ENTRIES = 1 << 16;

/**
 * Which endpoint made which response (OpenAI's Responses), as hashes: what names a response must go to the server that keeps it.
 * An entry that is lost costs what it would cost without the table; one that is taken for another needs 64 bits to be the same.
 */
export class ResponseOwners {
  readonly #table: BoundedTable;
  readonly #seconds: Int32Array;
  readonly #owners: Int32Array;

  private constructor(table: BoundedTable) {
    this.#table = table;
    this.#seconds = table.column(0);
    this.#owners = table.column(1);
  }

  /** @param entries a power of two */
  static create(entries = DEFAULT_ENTRIES): ResponseOwners {
    return new ResponseOwners(BoundedTable.create(entries, 2));
  }

  static attach(shared: SharedTable): ResponseOwners {
    return new ResponseOwners(new BoundedTable(shared));
  }

  get shared(): SharedTable {
    return this.#table.shared;
  }

  /** @param owner not 0. @param tick of a clock, whole, from 1 */
  note(id: string, owner: number, tick: number): void {
    const at = this.#table.use(tagOf(id), tick);
    const second = hash(id, SECOND_SEED);
    // Nobody may read the owner of what was here before by the new id.
    if (this.#seconds[at] !== second) this.#owners[at] = 0;
    this.#seconds[at] = second;
    this.#owners[at] = owner;
  }

  /** @returns 0 for an id that is not known */
  ownerOf(id: string): number {
    const at = this.#table.find(tagOf(id));
    return at === -1 || this.#seconds[at] !== hash(id, SECOND_SEED) ? 0 : (this.#owners[at] as number);
  }
}

const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x2f0b4c47;

function tagOf(id: string): number {
  return hash(id, FIRST_SEED) || 1;
}

/** FNV-1a, mixed: ids differ in their last characters. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value ^= value >>> 15;
  value = Math.imul(value, 0x85ebca6b);
  return value ^ (value >>> 13);
}
