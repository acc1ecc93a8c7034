import { stringEnd } from './json-text.ts';

const QUOTE = 0x22;

/**
 * Puts another value at the body's top-level `model`, leaving every other byte as it is (numbers beyond 2^53 too).
 * Of a repeated key the last counts, for JSON.parse and for model servers: all of them are replaced.
 * @param body valid JSON object
 */
export function replaceModel(body: string, model: string): string {
  const value = JSON.stringify(model);
  let out = '';
  let kept = 0;
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const code = body.charCodeAt(i);
    if (code === 0x7b /* { */ || code === 0x5b /* [ */) depth++;
    else if (code === 0x7d /* } */ || code === 0x5d /* ] */) depth--;
    else if (code === QUOTE) {
      const end = stringEnd(body, i);
      const from = depth === 1 && isModel(body, i, end) ? valueStart(body, end) : -1;
      if (from === -1 || body.charCodeAt(from) !== QUOTE) {
        i = end - 1;
        continue;
      }
      out += body.slice(kept, from) + value;
      kept = stringEnd(body, from);
      i = kept - 1;
    }
  }
  return kept === 0 ? body : out + body.slice(kept);
}

/** `"model"`, also with characters written as escapes: at most 6 for each, and the quotes. */
function isModel(text: string, from: number, end: number): boolean {
  const length = end - from;
  if (length < '"model"'.length || length > 5 * 6 + 2) return false;
  return JSON.parse(text.slice(from, end)) === 'model';
}

/** @returns where the value of a key begins; -1 when the string before `at` is no key */
function valueStart(text: string, at: number): number {
  const colon = skipSpace(text, at);
  return text[colon] === ':' ? skipSpace(text, colon + 1) : -1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}
