import type { HTTPRoute } from '../../api/index.ts';
import { ExpressionError, expressionOf } from '../../kernel/index.ts';
import { ANY_VALUE, type RouteMatch, type ValueMatch } from '../../plan/index.ts';
import { shown } from '../shown.ts';

type Match = NonNullable<NonNullable<HTTPRoute['spec']['rules']>[number]['matches']>[number];
interface ValueMatchSpec {
  readonly type?: 'Exact' | 'RegularExpression' | undefined;
  readonly name: string;
  readonly value: string;
}

/** The match of a rule that names none: every request (HTTPRouteRule.matches). */
export const MATCH_ALL: RouteMatch = {
  path: { type: 'PathPrefix', value: '/' },
  headers: [],
  queryParams: [],
};

/** A match as it was read. */
export interface ReadMatch {
  /** What of it can be told: an expression of a header or parameter that cannot be run takes every value. Undefined: its path cannot be told. */
  readonly match: RouteMatch | undefined;
  /** Why its requests cannot be served as it says. */
  readonly error?: string;
}

/** By what they were read from, which never changes: of thousands of routes, few are new in a translation. */
const read = new WeakMap<Match, ReadMatch>();

export function routeMatch(spec: Match): ReadMatch {
  const known = read.get(spec);
  if (known !== undefined) return known;
  const match = readMatch(spec);
  read.set(spec, match);
  return match;
}

function readMatch({ path, method, headers, queryParams }: Match): ReadMatch {
  const errors: string[] = [];
  const known = {
    ...(method === undefined ? {} : { method }),
    headers: valueMatches(headers ?? [], name => name.toLowerCase(), errors),
    queryParams: valueMatches(queryParams ?? [], name => name, errors),
  };
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  const pathError = type === 'RegularExpression' ? regexError(value) : undefined;
  if (pathError !== undefined)
    return { match: undefined, error: `${pathError}; its requests go to what else matches them, or get 404` };
  const match = { path: pathMatch(type, value), ...known };
  return errors.length === 0
    ? { match }
    : { match, error: `${errors.join(', ')}; requests that match all else of it are answered with 500` };
}

function pathMatch(type: RouteMatch['path']['type'], value: string): RouteMatch['path'] {
  // "the trailing slash of the path is ignored" (PathMatchType): `/abc` and `/abc/` are one prefix.
  if (type === 'PathPrefix' && value.length > 1 && value.endsWith('/'))
    return { type, value: value.slice(0, -1) };
  return { type, value };
}

/** "only the first entry with an equivalent name must be considered for a match" (HTTPRouteMatch.headers, .queryParams) */
function valueMatches(
  specs: readonly ValueMatchSpec[],
  normalize: (name: string) => string,
  errors: string[],
): ValueMatch[] {
  const matches = new Map<string, ValueMatch>();
  for (const { type = 'Exact', name, value } of specs) {
    const key = normalize(name);
    if (matches.has(key)) continue;
    const error = type === 'RegularExpression' ? regexError(value) : undefined;
    if (error !== undefined) errors.push(error);
    matches.set(key, { type, name: key, value: error === undefined ? value : ANY_VALUE });
  }
  return [...matches.values()];
}

/** Why not both planes can run an expression. */
function regexError(pattern: string): string | undefined {
  // Envoy takes no empty one (envoy.type.matcher.v3.RegexMatcher.regex).
  if (pattern === '') return 'regex "" is invalid: it is empty';
  try {
    expressionOf(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `regex ${shown(pattern)} is invalid: ${error.message}`;
  }
}
