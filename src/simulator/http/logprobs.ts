import type { Piece } from '../text/generation.ts';
import type { Language } from '../text/language.ts';
import { promptCandidates } from './prompt-logprobs.ts';

/** How much less likely each alternative is than the one before. */
const STEP = -Math.LN2;

interface Candidate {
  readonly token: string;
  readonly logprob: number;
}

function candidates(language: Language, piece: Piece, count: number): Candidate[] {
  const ids = language.alternatives(piece.previous, piece.id, Math.max(1, count));
  return ids.map((id, index) => ({
    token: language.tokenizer.textOf(id),
    logprob: piece.logprob + index * STEP,
  }));
}

/** An entry of a chat choice's `logprobs.content`. */
export function chatLogprob(language: Language, piece: Piece, count: number): object {
  const list = candidates(language, piece, count);
  return {
    ...withBytes(list[0]!),
    top_logprobs: list.slice(0, count).map(withBytes),
  };
}

function withBytes({ token, logprob }: Candidate) {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}

export interface CompletionLogprobs {
  readonly text_offset: number[];
  readonly token_logprobs: (number | null)[];
  readonly tokens: string[];
  readonly top_logprobs: (Readonly<Record<string, number>> | null)[];
}

/** A completion choice's `logprobs`, to which tokens are added one by one. */
export class CompletionLogprobsBuilder {
  readonly #language: Language;
  readonly #count: number;
  #offset = 0;

  constructor(language: Language, count: number) {
    this.#language = language;
    this.#count = count;
  }

  /** @param prompt token ids that are echoed before the pieces */
  of(prompt: readonly number[], pieces: readonly Piece[]): CompletionLogprobs {
    const logprobs: CompletionLogprobs = {
      text_offset: [],
      token_logprobs: [],
      tokens: [],
      top_logprobs: [],
    };
    prompt.forEach((id, index) => {
      // The first token of a prompt follows nothing: it has no probability.
      const token = this.#language.tokenizer.textOf(id);
      if (index === 0) this.#push(logprobs, token, null, null);
      else {
        const list = promptCandidates(this.#language, prompt[index - 1], id, this.#count);
        const top = list.map(({ text, logprob }) => [text, logprob] as const);
        this.#push(logprobs, token, list[0]!.logprob, Object.fromEntries(top));
      }
    });
    for (const piece of pieces) {
      const list = candidates(this.#language, piece, this.#count);
      const top = Object.fromEntries(list.map(({ token, logprob }) => [token, logprob]));
      this.#push(logprobs, list[0]!.token, piece.logprob, top);
    }
    return logprobs;
  }

  #push(
    logprobs: CompletionLogprobs,
    token: string,
    logprob: number | null,
    top: Readonly<Record<string, number>> | null,
  ): void {
    logprobs.text_offset.push(this.#offset);
    logprobs.token_logprobs.push(logprob);
    logprobs.tokens.push(token);
    logprobs.top_logprobs.push(top);
    this.#offset += token.length;
  }
}
