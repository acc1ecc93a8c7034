/** Bytes of UTF-8 in a block, and the most blocks of a prompt that are looked at: the Inference Extension's defaults. */
export const BLOCK_BYTES = 64;
export const MAX_BLOCKS = 256;
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

  /**
   * @param json body of a chat, completion or responses request, parsed; anything else has no blocks
   * @param model model servers cache for each model and adapter apart
   */
  read(json: unknown, model: number): void {
    this.count = 0;
    this.#length = 0;
    if (typeof json !== 'object' || json === null) return;
    const { tools, messages, prompt, instructions, input } = json as Record<string, unknown>;
    // Chat templates put tools before the messages.
    if (tools !== undefined) this.#text(JSON.stringify(tools));
    this.#prompt(prompt);
    this.#prompt(instructions);
    this.#messages(messages);
    this.#messages(input);
    this.#hash(model);
  }

  #messages(messages: unknown): void {
    if (!Array.isArray(messages)) {
      this.#prompt(messages);
      return;
    }
    for (const message of messages as unknown[]) {
      if (this.#full) return;
      if (typeof message !== 'object' || message === null) continue;
      const { role, content } = message as { role?: unknown; content?: unknown };
      if (typeof role === 'string') this.#text(role);
      this.#content(content);
    }
  }

  #content(content: unknown): void {
    if (typeof content === 'string') this.#text(content);
    else if (Array.isArray(content)) {
      for (const part of content as unknown[]) {
        if (typeof part !== 'object' || part === null) continue;
        const { text } = part as { text?: unknown };
        // An image's address or bytes tell it apart as well as text does.
        this.#text(typeof text === 'string' ? text : JSON.stringify(part));
      }
    }
  }

  /** Text, a list of texts, or token ids. */
  #prompt(prompt: unknown): void {
    if (typeof prompt === 'string') this.#text(prompt);
    else if (Array.isArray(prompt)) {
      for (const part of prompt as unknown[]) {
        if (this.#full) return;
        if (typeof part === 'string') this.#text(part);
        else if (typeof part === 'number') this.#token(part);
        else if (Array.isArray(part)) this.#prompt(part);
      }
    }
  }

  get #full(): boolean {
    return this.#length === this.#bytes.length;
  }

  #text(text: string): void {
    if (this.#full) return;
    const written = this.#bytes.write(text, this.#length);
    this.#length += written;
    // Of a character that does not fit nothing is written.
    if (this.#length > this.#bytes.length - 4 && written < text.length) {
      this.#bytes.fill(0, this.#length);
      this.#length = this.#bytes.length;
    }
  }

  #token(id: number): void {
    if (this.#length > this.#bytes.length - 4) return;
    this.#bytes.writeInt32LE(id | 0, this.#length);
    this.#length += 4;
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
