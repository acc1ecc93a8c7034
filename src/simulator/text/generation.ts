import { seededRandom } from '../../kernel/index.ts';
import type { TokenSource } from '../engine/token-sequence.ts';
import { type Language, lengthOf } from './language.ts';
import { StopScan } from './stop-scan.ts';

export interface GenerationOptions {
  readonly seed: number;
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly ignoreEos: boolean;
  readonly stop: readonly string[];
  readonly includeStop: boolean;
  readonly stopTokenIds: readonly number[];
}

/** One token as it leaves the model. */
export interface Piece {
  readonly id: number;
  /** Text that may be shown now: less than the token's while it could be the start of a stop string. */
  readonly text: string;
  readonly finishReason: 'stop' | 'length' | undefined;
  /** The stop string or token id that ended it; null otherwise, also at the end-of-sequence token. */
  readonly stopReason: string | number | null;
  /** Token before it, for the alternatives. */
  readonly previous: number | undefined;
  /** The chosen token's, in (-3, 0). */
  readonly logprob: number;
}

/** Makes the tokens of one sequence, the same ones for the same seed. */
export class Generation implements TokenSource {
  readonly #language: Language;
  readonly #options: GenerationOptions;
  readonly #onPiece: (piece: Piece) => void;
  readonly #random: () => number;
  readonly #length: number;
  readonly #stop: StopScan;
  #previous: number | undefined;
  #count = 0;
  finished: 'stop' | 'length' | undefined;

  constructor(language: Language, options: GenerationOptions, onPiece: (piece: Piece) => void) {
    this.#language = language;
    this.#options = options;
    this.#onPiece = onPiece;
    this.#random = seededRandom(options.seed);
    this.#length = lengthOf(this.#random());
    this.#stop = new StopScan(options.stop, options.includeStop);
  }

  next(): number {
    const previous = this.#previous;
    const id = this.#choose(previous);
    const logprob = -3 * this.#random() ** 2;
    this.#count++;
    this.#previous = id;
    const { eosId } = this.#language.tokenizer;
    const isEos = id === eosId;
    const mayStop = this.#count > this.#options.minTokens;
    const text = this.#stop.add(isEos ? '' : this.#language.tokenizer.textOf(id), mayStop);
    let stopReason: string | number | null = null;
    if (this.#stop.found !== undefined) {
      this.finished = 'stop';
      stopReason = this.#stop.found;
    } else if (isEos) this.finished = 'stop';
    else if (mayStop && this.#options.stopTokenIds.includes(id)) {
      this.finished = 'stop';
      stopReason = id;
    } else if (this.#count >= this.#options.maxTokens) this.finished = 'length';
    const shown = this.finished === undefined ? text : text + this.#stop.rest();
    this.#onPiece({ id, text: shown, finishReason: this.finished, stopReason, previous, logprob });
    return id;
  }

  #choose(previous: number | undefined): number {
    const { ignoreEos, minTokens } = this.#options;
    const over = this.#count >= this.#length && this.#count >= minTokens && !ignoreEos;
    if (over && previous !== undefined && this.#language.endsSentence(previous))
      return this.#language.tokenizer.eosId;
    return this.#language.next(previous, this.#random());
  }
}
