import { MAX_PROMPT_BYTES, type Prompt } from '../dialect/index.ts';

/** Bytes of UTF-8 in a block, and the most blocks of a prompt that are looked at: the Inference Extension's defaults. */
export const BLOCK_BYTES = 64;
export const MAX_BLOCKS = MAX_PROMPT_BYTES / BLOCK_BYTES;
const WORDS = BLOCK_BYTES / 4;

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

  /** A word at a time, mixed as in MurmurHash3. */
  #hash(model: number): void {
    const words = this.#words;
    const count = Math.floor(this.#length / BLOCK_BYTES);
    let hash = model ^ 0x811c9dc5;
    let at = 0;
    for (let block = 0; block < count; block++) {
      for (const end = at + WORDS; at < end; at++) {
        hash ^= Math.imul(words[at] as number, 0xcc9e2d51);
        hash = (hash << 13) | (hash >>> 19);
        hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
      }
      this.hashes[block] = hash;
    }
    this.count = count;
  }
}
