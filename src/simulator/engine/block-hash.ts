/** Mixes numbers into a hash of 53 bits that is never 0: two 32-bit FNV-1a streams with different primes. */
export class BlockHash {
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  add(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    this.#low ^= this.#low >>> 15;
    this.#high = Math.imul(this.#high ^ value, 0x5bd1e995);
    this.#high ^= this.#high >>> 13;
  }

  addText(text: string): void {
    for (let at = 0; at < text.length; at++) this.add(text.charCodeAt(at));
    this.add(-text.length - 1);
  }

  get value(): number {
    return (this.#low >>> 0) * 0x200000 + (this.#high & 0x1fffff) || 1;
  }
}

/**
 * Hash of a full block: its tokens and all before it, within one adapter and cache salt. `parent` is the hash of the block
 * before, or `rootHash`.
 */
export function blockHash(parent: number, tokens: readonly number[], from: number, to: number): number {
  const hash = new BlockHash();
  hash.add(parent >>> 0);
  hash.add(Math.floor(parent / 0x100000000));
  for (let at = from; at < to; at++) hash.add(tokens[at]!);
  return hash.value;
}

/** What a sequence's first block is chained to: prefixes are never shared between adapters or salts. */
export function rootHash(lora: string, salt: string): number {
  const hash = new BlockHash();
  hash.addText(lora);
  hash.addText(salt);
  return hash.value;
}
