import { totalmem } from 'node:os';

/** Bytes are counted in units: a counter of 32 bits then reaches 128 GiB. */
const UNIT_BYTES = 64;
const TOTAL = 0;
const FIRST_LEDGER = 1;

/** What crosses to a worker. */
export interface SharedByteBudget {
  readonly maxBytes: number;
  readonly buffer: SharedArrayBuffer;
}

/**
 * How many bytes all workers of a process may hold of something together. What each has is in a ledger of its own, so that
 * a worker that died gives back what it held.
 */
export class ByteBudget {
  readonly shared: SharedByteBudget;
  readonly #units: Int32Array;
  readonly #max: number;
  readonly #ledger: number;

  private constructor(shared: SharedByteBudget, worker: number) {
    this.shared = shared;
    this.#units = new Int32Array(shared.buffer);
    this.#max = Math.floor(shared.maxBytes / UNIT_BYTES);
    this.#ledger = FIRST_LEDGER + worker;
  }

  /** For the main thread, which is worker 0. @param workers how many there are, the main thread counted */
  static create(maxBytes: number, workers = 1): ByteBudget {
    const buffer = new SharedArrayBuffer(4 * (FIRST_LEDGER + workers));
    return new ByteBudget({ maxBytes, buffer }, 0);
  }

  static attach(shared: SharedByteBudget, worker: number): ByteBudget {
    return new ByteBudget(shared, worker);
  }

  get maxBytes(): number {
    return this.shared.maxBytes;
  }

  /** Over all workers; what one holder has counts in whole units. */
  get heldBytes(): number {
    return Atomics.load(this.#units, TOTAL) * UNIT_BYTES;
  }

  /** A look: nothing is taken. */
  hasRoom(bytes: number): boolean {
    return Atomics.load(this.#units, TOTAL) + units(bytes) <= this.#max;
  }

  /**
   * Something that holds so many bytes is going to hold another number of them.
   * @returns false, and nothing is taken, where there is no room for more
   */
  resize(from: number, to: number): boolean {
    const change = units(to) - units(from);
    if (change === 0) return true;
    const before = Atomics.add(this.#units, TOTAL, change);
    if (change > 0 && before + change > this.#max) {
      Atomics.sub(this.#units, TOTAL, change);
      return false;
    }
    Atomics.add(this.#units, this.#ledger, change);
    return true;
  }

  /** Gives back all that a dead worker held. */
  reclaim(worker: number): void {
    Atomics.sub(this.#units, TOTAL, Atomics.exchange(this.#units, FIRST_LEDGER + worker, 0));
  }
}

function units(bytes: number): number {
  return Math.ceil(bytes / UNIT_BYTES);
}

/** The memory that this process may use: its cgroup's limit, or the machine's. */
export function memoryBytes(): number {
  const limit = process.constrainedMemory();
  const machine = totalmem();
  return limit > 0 && limit < machine ? limit : machine;
}
