import { isJson } from './merge.ts';

/** RFC 6901, section 4: the tokens of a pointer. @throws Error */
export function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new Error(`path "${pointer}": expected "/" first`);
  return pointer
    .slice(1)
    .split('/')
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The other way round. */
export function pointerOf(tokens: readonly (string | number)[]): string {
  return tokens.map(token => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** An index of a list as it is written (RFC 6901, section 4), at most `end`; undefined: it is none. */
export function indexIn(token: string, end: number): number | undefined {
  if (!/^(0|[1-9]\d*)$/.test(token)) return undefined;
  const index = Number(token);
  return index <= end ? index : undefined;
}

/** @throws Error when there is nothing */
export function valueAt(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const [depth, token] of tokens.entries()) {
    const index = Array.isArray(value) ? indexIn(token, value.length - 1) : undefined;
    if (Array.isArray(value) && index !== undefined) value = value[index];
    else if (isJson(value) && Object.hasOwn(value, token)) value = value[token];
    else throw new Error(`there is nothing at ${pointerOf(tokens.slice(0, depth + 1))}`);
  }
  return value;
}
