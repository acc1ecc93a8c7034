import { RE2JS } from 're2js';

/** Of one expression, compiled: what Envoy's RE2 would take is far more, and what a person writes far less. */
const MAX_INSTRUCTIONS = 10_000;
/** Of one expression and thread: the states of its automaton that are remembered. Beyond, they are made anew. */
const MAX_STATE_BYTES = 256 * 1024;
/** Expressions of one thread that are kept compiled. */
const MAX_KEPT = 10_000;

/**
 * A regular expression of somebody else. Its syntax is RE2's (https://github.com/google/re2/wiki/Syntax), and a match takes
 * time in proportion to what is matched, whatever the expression. It matches as Envoy's `safe_regex` does: the whole text.
 */
export class Expression {
  readonly #compiled: RE2JS;
  /** What every match begins with: cheaper to look at than the expression. */
  readonly #prefix: string;
  readonly #isPrefixAll: boolean;

  /** @throws ExpressionError */
  constructor(pattern: string) {
    if (!pattern.isWellFormed()) throw new ExpressionError('it is not Unicode text');
    try {
      this.#compiled = RE2JS.compile(unanchored(pattern));
    } catch (error) {
      throw new ExpressionError(reason(pattern, error));
    }
    const size = this.#compiled.programSize();
    if (size > MAX_INSTRUCTIONS)
      throw new ExpressionError(`it compiles to ${size} instructions, more than ${MAX_INSTRUCTIONS}`);
    const { dfa, prefix, prefixComplete } = this.#compiled.re2();
    dfa.stateBudget = MAX_STATE_BYTES;
    dfa.memBudget = MAX_STATE_BYTES;
    // Bytes beyond ASCII are compared as UTF-8, by the expression itself.
    const isPlain = ASCII.test(prefix);
    this.#prefix = isPlain ? prefix : '';
    this.#isPrefixAll = isPlain && prefixComplete;
  }

  /** @param text each character a byte, as it came from a connection: UTF-8 where it is not ASCII */
  matches(text: string): boolean {
    if (!text.startsWith(this.#prefix)) return false;
    if (this.#isPrefixAll) return text.length === this.#prefix.length;
    return this.#compiled.testExact(ASCII.test(text) ? text : Buffer.from(text, 'latin1'));
  }
}

/** Why an expression cannot be run. */
export class ExpressionError extends Error {}

const ASCII = /^[\x00-\x7f]*$/;

const kept = new Map<string, Expression>();

/**
 * The compiled expression; the same one each time that a plan has it.
 * @throws ExpressionError
 */
export function expressionOf(pattern: string): Expression {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const made = new Expression(pattern);
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value as string);
  kept.set(pattern, made);
  return made;
}

/** All of the text is matched anyway: without its `^` an expression has a prefix. Only where it is about all of it. */
function unanchored(pattern: string): string {
  return /^\^[^*+?{|]/.test(pattern) && !pattern.includes('|') ? pattern.slice(1) : pattern;
}

const LOOKAROUND = /\(\?<?[=!]/;
const BACK_REFERENCE = /\\(?:[1-9]|k[<{'])/;

function reason(pattern: string, error: unknown): string {
  const said = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
  if (LOOKAROUND.test(pattern) || BACK_REFERENCE.test(pattern))
    return `lookaround and back references are not supported: ${said}`;
  return said;
}
