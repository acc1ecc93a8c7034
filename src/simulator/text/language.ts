import { BlockHash } from '../engine/block-hash.ts';
import { CORPUS } from './corpus.ts';
import { llamaTokenizer, type Tokenizer } from './tokenizer.ts';

/** A text is over at the first sentence that ends after this many tokens, drawn for each text between these, evenly on a log scale. */
const SHORTEST_TOKENS = 24;
const LONGEST_TOKENS = 1024;

/** Which token can follow which: a chain over the corpus, whose tokens are all whole words or signs. */
export class Language {
  readonly tokenizer: Tokenizer;
  readonly #followers = new Map<number, number[]>();
  readonly #starts: number[] = [];
  readonly #ends = new Set<number>();

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
    for (const sentence of CORPUS) {
      const ids = tokenizer.encode(sentence, false);
      this.#starts.push(ids[0]!);
      this.#ends.add(ids.at(-1)!);
      for (let at = 0; at + 1 < ids.length; at++) {
        const followers = this.#followers.get(ids[at]!) ?? [];
        followers.push(ids[at + 1]!);
        this.#followers.set(ids[at]!, followers);
      }
    }
  }

  /** The token after `previous` (undefined: the first), by a number in 0..1. */
  next(previous: number | undefined, random: number): number {
    const choices = (previous === undefined ? undefined : this.#followers.get(previous)) ?? this.#starts;
    return choices[Math.floor(random * choices.length)]!;
  }

  endsSentence(id: number): boolean {
    return this.#ends.has(id);
  }

  /** Tokens that a model could have chosen as well, most likely first. */
  alternatives(previous: number | undefined, chosen: number, count: number): number[] {
    const ids = new Set([chosen]);
    for (const id of (previous === undefined ? undefined : this.#followers.get(previous)) ?? this.#starts)
      ids.add(id);
    for (const id of this.#followers.keys()) {
      if (ids.size >= count) break;
      ids.add(id);
    }
    return [...ids].slice(0, count);
  }
}

let loaded: Language | undefined;

/** The one language of this thread: all simulated models speak alike. */
export function llamaLanguage(): Language {
  loaded ??= new Language(llamaTokenizer());
  return loaded;
}

export function lengthOf(random: number): number {
  return Math.round(SHORTEST_TOKENS * (LONGEST_TOKENS / SHORTEST_TOKENS) ** random);
}

/** Seed of a text that depends on nothing but what the model is asked: temperature 0. */
export function promptSeed(model: string, promptTokens: readonly number[], choice: number): number {
  const hash = new BlockHash();
  hash.addText(model);
  for (const token of promptTokens) hash.add(token);
  hash.add(choice);
  return hash.value >>> 0;
}
