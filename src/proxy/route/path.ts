import type { PathModifier, RouteAction, RouteMatch } from '../../plan/index.ts';

/** What became of a path: Envoy Gateway's defaults are normalising, merging slashes, and unescaping `%2F` with a redirect. */
export type NormalisedPath =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'invalid' };

const NEEDS_WORK = /\/\/|\/\.|%(?:2[ef]|5c|00)|\\/i;

/** @param path without query */
export function normalisePath(path: string): NormalisedPath {
  if (!NEEDS_WORK.test(path)) return { kind: 'path', path };
  if (/%00/.test(path)) return { kind: 'invalid' };
  const unescaped = path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\');
  if (unescaped !== path) return { kind: 'redirect', path: unescaped };
  const out: string[] = [];
  const parts = path.replace(/%2e/gi, '.').replaceAll('\\', '/').split('/');
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] as string;
    const last = i === parts.length - 1;
    if (part === '..') {
      if (out.pop() === undefined) return { kind: 'invalid' };
      if (last) out.push('');
    } else if (part === '.') {
      if (last) out.push('');
    } else if (part !== '' || last) {
      out.push(part);
    }
  }
  return { kind: 'path', path: `/${out.join('/')}` };
}

/** Gateway API, HTTPPathModifier: `ReplacePrefixMatch` replaces whole path elements. */
export function modifyPath(
  path: string,
  modifier: PathModifier | undefined,
  match: RouteMatch['path'],
): string {
  if (modifier === undefined) return path;
  if (modifier.type === 'ReplaceFullPath') return modifier.value;
  const prefix = match.value.endsWith('/') ? match.value.slice(0, -1) : match.value;
  const rest = path.slice(prefix.length);
  const base = modifier.value.endsWith('/') ? modifier.value.slice(0, -1) : modifier.value;
  return `${base}${rest}` || '/';
}

/** The `location` of a RequestRedirect. Ports that the scheme implies are left out (HTTPRequestRedirectFilter.port). */
export function redirectLocation(
  action: Extract<RouteAction, { kind: 'redirect' }>,
  request: {
    readonly scheme: 'http' | 'https';
    readonly host: string;
    readonly path: string;
    readonly query: string;
  },
  match: RouteMatch['path'],
  port: number,
): string {
  const scheme = action.scheme ?? request.scheme;
  const shown = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443) ? '' : `:${port}`;
  const query = request.query === '' ? '' : `?${request.query}`;
  return `${scheme}://${action.hostname ?? request.host}${shown}${modifyPath(request.path, action.path, match)}${query}`;
}
