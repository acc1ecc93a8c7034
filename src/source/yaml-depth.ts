import { Lexer } from 'yaml';
import { MAX_LEVELS, TOO_DEEP } from '../api/index.ts';

/** Levels are counted to the number in {@link yamlValues}; here a text is found that would end the stack of the parser. */
const MAX_OPEN = 2 * MAX_LEVELS;

/**
 * Before the text is parsed: the parser goes as deep as the text does, and takes seconds for what is 100,000 deep. Reads no
 * further than to the place that is too deep, which it returns.
 */
export function tooDeepAt(text: string): { line: number; column: number; message: string } | undefined {
  if (!mayBeDeep(text)) return undefined;
  const levels = new Levels();
  for (const token of new Lexer().lex(text))
    if (levels.after(token) > MAX_OPEN) return { ...levels.place(text), message: TOO_DEEP };
  return undefined;
}

/** Each level takes at least one of these characters. Most documents have fewer, and are not looked at twice. */
function mayBeDeep(text: string): boolean {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // : - ? [ {
    if (code !== 58 && code !== 45 && code !== 63 && code !== 91 && code !== 123) continue;
    if (++count > MAX_OPEN) return true;
  }
  return false;
}

/** What is open after each token: brackets, and columns at which something of a block begins. */
class Levels {
  #offset = 0;
  #brackets = 0;
  readonly #columns: number[] = [];
  #lineStart = 0;
  /** The next token that says something begins a level of a block. */
  #begins = true;

  after(token: string): number {
    const at = this.#offset;
    this.#take(token, at);
    if (!isMark(token)) this.#offset += token.length;
    return this.#brackets + this.#columns.length;
  }

  place(text: string): { line: number; column: number } {
    const line = text.slice(0, this.#lineStart).split('\n').length;
    return { line, column: this.#offset - this.#lineStart };
  }

  #take(token: string, at: number): void {
    switch (token[0]) {
      case FLOW_END:
        this.#brackets = 0;
        return;
      case ']':
      case '}':
        if (token.length === 1 && this.#brackets > 0) this.#brackets--;
        return;
      case undefined:
      case DOCUMENT:
      case SCALAR:
      case '\ufeff':
      case ' ':
      case '\t':
      case ',':
      case '#':
      case '\n':
      case '\r':
        break;
      default:
        this.#open(token, at);
    }
    const lastLine = token.lastIndexOf('\n');
    if (lastLine === -1) return;
    this.#lineStart = at + lastLine + 1;
    if (lastLine === token.length - 1) this.#begins = true;
  }

  #open(token: string, at: number): void {
    if (token === '---' || token === '...') this.#columns.length = 0;
    else if (this.#begins && this.#brackets === 0) {
      const column = at - this.#lineStart;
      while ((this.#columns.at(-1) ?? -1) >= column) this.#columns.pop();
      this.#columns.push(column);
    }
    if (token === '[' || token === '{') this.#brackets++;
    this.#begins = token === '-' || token === '?' || token === ':';
  }
}

/** The lexer's own marks, which are no characters of the text. */
const DOCUMENT = '\u0002';
const FLOW_END = '\u0018';
const SCALAR = '\u001f';

function isMark(token: string): boolean {
  return token === DOCUMENT || token === FLOW_END || token === SCALAR;
}
