import type { Sequence } from '../engine/token-sequence.ts';
import { Generation, type Piece } from '../text/generation.ts';
import { promptSeed } from '../text/language.ts';
import { queueOverflow } from './api-error.ts';
import type { Sampling } from './sampling.ts';
import type { ModelServer } from './simulated-server.ts';

export interface RunOptions {
  readonly prompts: readonly (readonly number[])[];
  readonly sampling: Sampling;
  /** For each prompt. */
  readonly maxTokens: readonly number[];
  readonly model: string;
  readonly lora: string;
}

/** The sequences of one request: `n` for each prompt, choice `prompt × n + k`. */
export class GenerationRun {
  readonly #server: ModelServer;
  readonly #sequences: Sequence[] = [];
  readonly #choices: number;
  #open: number;

  /**
   * @param onPiece hears each token with its choice
   * @throws ApiError when the server takes no more requests
   */
  constructor(server: ModelServer, options: RunOptions, onPiece: (choice: number, piece: Piece) => void) {
    const { prompts, sampling, lora } = options;
    this.#server = server;
    this.#choices = prompts.length * sampling.n;
    this.#open = this.#choices;
    if (!server.admits(this.#choices)) throw queueOverflow();
    server.load++;
    for (let choice = 0; choice < this.#choices; choice++) {
      const promptTokens = prompts[Math.floor(choice / sampling.n)]!;
      const maxTokens = options.maxTokens[Math.floor(choice / sampling.n)]!;
      const seed = seedOf(server, options, promptTokens, choice % sampling.n);
      const source = new Generation(server.language, { ...sampling, seed, maxTokens }, piece => {
        if (piece.finishReason !== undefined && --this.#open === 0) server.load--;
        onPiece(choice, piece);
      });
      const { cacheSalt, n } = sampling;
      this.#sequences.push(server.loop.add({ promptTokens, maxTokens, source, lora, cacheSalt, n }));
    }
  }

  get choices(): number {
    return this.#choices;
  }

  get finished(): boolean {
    return this.#open === 0;
  }

  /** Prompt tokens of the first choice that came out of the prefix cache. */
  get cachedTokens(): number {
    return Math.max(0, this.#sequences[0]?.cachedTokens ?? 0);
  }

  /** Frees what is still at work: the client has gone. */
  abort(): void {
    if (this.#open === 0) return;
    this.#open = 0;
    this.#server.load--;
    for (const sequence of this.#sequences) this.#server.loop.abort(sequence);
  }
}

/** Temperature 0 depends on the prompt alone; a `seed` also fixes what is drawn; otherwise each answer is another. */
function seedOf(server: ModelServer, options: RunOptions, prompt: readonly number[], choice: number): number {
  const { temperature, seed } = options.sampling;
  if (temperature < 1e-5) return promptSeed(options.model, prompt, 0);
  if (seed === undefined) return server.randomSeed();
  return (promptSeed(options.model, prompt, choice) ^ Math.imul(seed | 0, 0x9e3779b1)) >>> 0;
}
