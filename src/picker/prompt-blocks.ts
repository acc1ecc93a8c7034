/** FNV-1a's, for 32 bits. */
const PRIME = 0x01000193;

/** Characters in a block, and the most blocks of a prompt that are looked at: the Inference Extension's defaults. */
export const BLOCK_CHARACTERS = 64;
export const MAX_BLOCKS = 256;

/**
 * Cuts the prompt of a request into blocks and hashes each together with all before it, so that equal hashes mean equal
 * prompts up to there. What follows the last whole block is left out, as in a model server's prefix cache.
 */
export class PromptBlocks {
  readonly hashes = new Int32Array(MAX_BLOCKS);
  count = 0;
  #hash = 0;
  #filled = 0;

  /**
   * @param json body of a chat, completion or responses request, parsed; anything else has no blocks
   * @param model model servers cache for each model and adapter apart
   */
  read(json: unknown, model: number): void {
    this.count = 0;
    this.#filled = 0;
    this.#hash = model ^ 0x811c9dc5;
    if (typeof json !== 'object' || json === null) return;
    const { tools, messages, prompt, instructions, input } = json as Record<string, unknown>;
    // Chat templates put tools before the messages.
    if (tools !== undefined) this.#text(JSON.stringify(tools));
    this.#prompt(prompt);
    this.#prompt(instructions);
    this.#messages(messages);
    this.#messages(input);
  }

  #messages(messages: unknown): void {
    if (!Array.isArray(messages)) {
      this.#prompt(messages);
      return;
    }
    for (const message of messages as unknown[]) {
      if (this.count === MAX_BLOCKS) return;
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
        if (this.count === MAX_BLOCKS) return;
        if (typeof part === 'string') this.#text(part);
        else if (typeof part === 'number') this.#token(part);
        else if (Array.isArray(part)) this.#prompt(part);
      }
    }
  }

  #text(text: string): void {
    let at = 0;
    while (at < text.length && this.count < MAX_BLOCKS) {
      const end = Math.min(text.length, at + BLOCK_CHARACTERS - this.#filled);
      this.#filled += end - at;
      let hash = this.#hash;
      for (; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
      this.#hash = hash;
      this.#close();
    }
  }

  #token(id: number): void {
    this.#hash = Math.imul(this.#hash ^ id, PRIME);
    this.#filled++;
    this.#close();
  }

  /** A block that is full is done. */
  #close(): void {
    if (this.#filled < BLOCK_CHARACTERS || this.count === MAX_BLOCKS) return;
    this.#filled = 0;
    this.hashes[this.count++] = this.#hash;
  }
}
