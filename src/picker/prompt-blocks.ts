import { MAX_PROMPT_BYTES, type Prompt } from '../dialect/index.ts';

/** Bytes of UTF-8 in a block, and the most blocks of a prompt that are looked at: the Inference Extension's defaults. */
export const BLOCK_BYTES = 64;
export const MAX_BLOCKS = MAX_PROMPT_BYTES / BLOCK_BYTES;
const WORDS = BLOCK_BYTES / 4;

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const LANE_A = (PRIME_1 + PRIME_2) | 0;
const LANE_B = PRIME_2 | 0;

/**
 * Cuts the prompt of a request into blocks and hashes each together with all before it, so that equal hashes mean equal
 * prompts up to there. What follows the last whole block is left out, as in a model server's prefix cache.
 */
export class PromptBlocks {
  readonly hashes = new Int32Array(MAX_BLOCKS);
  count = 0;
  /** The prompt, as far as it is looked at. */
  readonly #bytes = Buffer.alloc(MAX_BLOCKS * BLOCK_BYTES);
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, MAX_BLOCKS * WORDS);
  #length = 0;

  /** @param model model servers cache for each model and adapter apart */
  read(prompt: Prompt | undefined, model: number): void {
    this.count = 0;
    if (prompt === undefined) return;
    this.#length = prompt.writeTo(this.#bytes);
    this.#hash(model);
  }

  /** The hashes, to be kept when the next prompt is read. */
  kept(): number[] {
    const { hashes, count } = this;
    const list = new Array<number>(count);
    for (let i = 0; i < count; i++) list[i] = hashes[i] as number;
    return list;
  }

  /** Four words at a time, as xxHash32 mixes them: none of the four waits for another. */
  #hash(model: number): void {
    const words = this.#words;
    const count = Math.floor(this.#length / BLOCK_BYTES);
    let hash = model ^ 0x811c9dc5;
    let at = 0;
    for (let block = 0; block < count; block++) {
      let a = (hash + LANE_A) | 0;
      let b = (hash + LANE_B) | 0;
      let c = hash;
      let d = (hash - PRIME_1) | 0;
      for (const end = at + WORDS; at < end; at += 4) {
        a = round(a, words[at] as number);
        b = round(b, words[at + 1] as number);
        c = round(c, words[at + 2] as number);
        d = round(d, words[at + 3] as number);
      }
      hash = finished((rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18)) | 0);
      this.hashes[block] = hash;
    }
    this.count = count;
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function round(lane: number, word: number): number {
  return Math.imul(rotated((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
}

function finished(sum: number): number {
  let hash = sum ^ (sum >>> 15);
  hash = Math.imul(hash, PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return hash ^ (hash >>> 16);
}
