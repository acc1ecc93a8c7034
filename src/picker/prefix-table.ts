/** Entries looked at for one place: the least recently used of them makes room. */
const WAYS = 4;

/** 2^18 entries × 8 bytes: about 16 million characters of prompts at 64 a block. */
const DEFAULT_ENTRIES = 1 << 18;

/** What crosses to a worker. */
export interface SharedPrefixes {
  readonly entries: number;
  readonly buffer: SharedArrayBuffer;
}

/**
 * Which endpoints have lately been sent which blocks of prompts: an estimate of what their prefix caches hold.
 * A bounded set-associative table of (block, endpoint) pairs that all workers share without locks: an entry that is
 * lost or taken for another (2^-32) costs a worse pick, nothing else.
 */
export class PrefixTable {
  readonly shared: SharedPrefixes;
  readonly #tags: Int32Array;
  /** When an entry was last used, in units of {@link tick}. */
  readonly #used: Int32Array;
  readonly #mask: number;

  private constructor(shared: SharedPrefixes) {
    this.shared = shared;
    this.#tags = new Int32Array(shared.buffer, 0, shared.entries);
    this.#used = new Int32Array(shared.buffer, shared.entries * 4, shared.entries);
    this.#mask = shared.entries / WAYS - 1;
  }

  /** @param entries a power of two */
  static create(entries = DEFAULT_ENTRIES): PrefixTable {
    return new PrefixTable({ entries, buffer: new SharedArrayBuffer(entries * 8) });
  }

  static attach(shared: SharedPrefixes): PrefixTable {
    return new PrefixTable(shared);
  }

  /** How many of the blocks, from the first on, the endpoint is thought to have. */
  matched(blocks: Int32Array, count: number, slot: number): number {
    for (let i = 0; i < count; i++) if (this.#find(pairTag(blocks[i] as number, slot)) === -1) return i;
    return count;
  }

  /** The endpoint is sent these blocks. */
  add(blocks: Int32Array, count: number, slot: number, tick: number): void {
    for (let i = 0; i < count; i++) {
      const tag = pairTag(blocks[i] as number, slot);
      let at = this.#find(tag);
      if (at === -1) {
        at = this.#victim(tag);
        this.#tags[at] = tag;
      }
      this.#used[at] = tick;
    }
  }

  #find(tag: number): number {
    const base = (tag & this.#mask) * WAYS;
    for (let at = base; at < base + WAYS; at++) if (this.#tags[at] === tag) return at;
    return -1;
  }

  #victim(tag: number): number {
    const base = (tag & this.#mask) * WAYS;
    let victim = base;
    for (let at = base; at < base + WAYS; at++) {
      if (this.#tags[at] === 0) return at;
      if ((this.#used[at] as number) < (this.#used[victim] as number)) victim = at;
    }
    return victim;
  }
}

/** 32 bits for a block at an endpoint; never 0, which marks an entry that is free. */
function pairTag(block: number, slot: number): number {
  let tag = Math.imul(block ^ Math.imul(slot + 1, 0x9e3779b1), 0x85ebca6b);
  tag ^= tag >>> 15;
  return tag === 0 ? 1 : tag;
}
