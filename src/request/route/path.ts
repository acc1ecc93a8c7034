import type { PathModifier, RouteAction, RouteMatch } from '../../plan/index.ts';

/** What became of a path: Envoy Gateway's defaults are normalising, merging slashes, and unescaping `%2F` with a redirect. */
export type NormalisedPath =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'invalid' };

const NEEDS_WORK = /\/\/|\/\.|[%"<>\\^`{|}]/;
/** Escapes of what needs none (RFC 3986 section 2.3). */
const NEEDLESS = /%(?:2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)/gi;
const UNESCAPED = /["<>^`{|}]/g;

/** @param path without query */
export function normalisePath(path: string): NormalisedPath {
  if (!NEEDS_WORK.test(path)) return { kind: 'path', path };
  if (path.includes('%00')) return { kind: 'invalid' };
  const slashed = path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\');
  return { kind: slashed === path ? 'path' : 'redirect', path: canonicalPath(slashed) };
}

function canonicalPath(path: string): string {
  const written = path
    .replace(NEEDLESS, code => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
    .replaceAll('\\', '/')
    .replace(UNESCAPED, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const out: string[] = [];
  const parts = written.split('/');
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] as string;
    // As in Envoy an empty element is one that `..` takes away: slashes are merged last.
    if (part === '..') out.pop();
    else if (part !== '.') out.push(part);
    if ((part === '..' || part === '.') && i === parts.length - 1) out.push('');
  }
  return `/${out.join('/')}`.replace(/\/{2,}/g, '/');
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
