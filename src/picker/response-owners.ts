/** Entries looked at for one id: the one that was used longest ago makes room. */
const WAYS = 4;
const WORDS = 4;
const TAG = 0;
const SECOND_TAG = 1;
const OWNER = 2;
const USED = 3;

/** 65,536 responses × 16 bytes. */
const DEFAULT_ENTRIES = 1 << 16;

/** What crosses to a worker. */
export interface SharedOwners {
  readonly entries: number;
  readonly buffer: SharedArrayBuffer;
}

/**
 * Which endpoint made which response (OpenAI's Responses), as hashes: what names a response must go to the server that keeps it.
 * A bounded table that all workers share without locks: an entry that is lost costs what it would cost without the table.
 */
export class ResponseOwners {
  readonly shared: SharedOwners;
  readonly #words: Int32Array;

  private constructor(shared: SharedOwners) {
    this.shared = shared;
    this.#words = new Int32Array(shared.buffer);
  }

  /** @param entries a power of two */
  static create(entries = DEFAULT_ENTRIES): ResponseOwners {
    return new ResponseOwners({ entries, buffer: new SharedArrayBuffer(entries * WORDS * 4) });
  }

  static attach(shared: SharedOwners): ResponseOwners {
    return new ResponseOwners(shared);
  }

  /** @param owner not 0. @param tick of a clock, whole */
  note(id: string, owner: number, tick: number): void {
    const words = this.#words;
    const [tag, second] = [hash(id, FIRST_SEED), hash(id, SECOND_SEED)];
    let at = this.#find(tag, second);
    if (at === -1) {
      at = this.#victim(tag);
      words[at + OWNER] = 0;
      words[at + TAG] = tag;
      words[at + SECOND_TAG] = second;
    }
    words[at + USED] = tick;
    words[at + OWNER] = owner;
  }

  /** @returns 0 for an id that is not known */
  ownerOf(id: string): number {
    const at = this.#find(hash(id, FIRST_SEED), hash(id, SECOND_SEED));
    return at === -1 ? 0 : (this.#words[at + OWNER] as number);
  }

  #find(tag: number, second: number): number {
    const first = this.#first(tag);
    for (let at = first; at < first + WAYS * WORDS; at += WORDS)
      if (this.#words[at + TAG] === tag && this.#words[at + SECOND_TAG] === second) return at;
    return -1;
  }

  #victim(tag: number): number {
    const first = this.#first(tag);
    let victim = first;
    for (let at = first; at < first + WAYS * WORDS; at += WORDS)
      if ((this.#words[at + USED] as number) < (this.#words[victim + USED] as number)) victim = at;
    return victim;
  }

  #first(tag: number): number {
    return (tag & (this.shared.entries / WAYS - 1)) * WAYS * WORDS;
  }
}

const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x2f0b4c47;

/** FNV-1a, mixed: ids differ in their last characters. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value ^= value >>> 15;
  value = Math.imul(value, 0x85ebca6b);
  return value ^ (value >>> 13);
}
