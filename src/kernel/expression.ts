import { RE2JS } from 're2js';

/** Of one expression, compiled: what Envoy's RE2 would take is far more, and what a person writes far less. */
const MAX_INSTRUCTIONS = 10_000;
/** Of one expression and thread: the states of its automaton that are remembered. Beyond, they are made anew. */
const MAX_STATE_BYTES = 256 * 1024;
/** Expressions of one thread that are kept compiled. */
const MAX_KEPT = 10_000;

/** A character by its number, and whether the backslash is one itself. */
const BY_NUMBER = /(?<!\\)(?:\\\\)*\\x\{([0-9a-fA-F]+)\}/g;

/**
 * A regular expression of somebody else. Its syntax is RE2's (https://github.com/google/re2/wiki/Syntax), and a match takes
 * time in proportion to what is matched, whatever the expression. It matches as Envoy's `safe_regex` does: the whole text,
 * byte by byte (Envoy compiles in RE2's Latin-1 mode: what is beyond ASCII is several characters).
 */
export class Expression {
  readonly #compiled: RE2JS;
  /** What every match begins with: cheaper to look at than the expression. */
  readonly #prefix: string;
  readonly #isPrefixAll: boolean;

  /** @throws ExpressionError */
  constructor(pattern: string) {
    if (!pattern.isWellFormed()) throw new ExpressionError('it is not Unicode text');
    for (const [, number = ''] of pattern.matchAll(BY_NUMBER))
      if (Number.parseInt(number, 16) > 0xff) throw new ExpressionError(`\\x{${number}} is no byte`);
    try {
      this.#compiled = RE2JS.compile(unanchored(Buffer.from(pattern).toString('latin1')));
    } catch (error) {
      throw new ExpressionError(reason(pattern, error));
    }
    const size = this.#compiled.programSize();
    if (size > MAX_INSTRUCTIONS)
      throw new ExpressionError(`it compiles to ${size} instructions, more than ${MAX_INSTRUCTIONS}`);
    const { dfa, prefix, prefixComplete } = this.#compiled.re2();
    dfa.stateBudget = MAX_STATE_BYTES;
    dfa.memBudget = MAX_STATE_BYTES;
    this.#prefix = prefix;
    this.#isPrefixAll = prefixComplete;
  }

  /** @param text each character a byte, as it came from a connection */
  matches(text: string): boolean {
    if (!text.startsWith(this.#prefix)) return false;
    if (this.#isPrefixAll) return text.length === this.#prefix.length;
    return this.#compiled.testExact(text);
  }
}

/** Why an expression cannot be run. */
export class ExpressionError extends Error {}

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
