import type { HTTPRoute } from '../../api/index.ts';
import { ExpressionError, expressionOf } from '../../kernel/index.ts';
import type { RouteMatch, ValueMatch } from '../../plan/index.ts';
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

/** By what they were read from, which never changes: of thousands of routes, few are new in a translation. */
const read = new WeakMap<Match, RouteMatch>();

/** @throws RegexError */
export function routeMatch(spec: Match): RouteMatch {
  const known = read.get(spec);
  if (known !== undefined) return known;
  const match = readMatch(spec);
  read.set(spec, match);
  return match;
}

function readMatch({ path, method, headers, queryParams }: Match): RouteMatch {
  return {
    path: pathMatch(path?.type ?? 'PathPrefix', path?.value ?? '/'),
    ...(method === undefined ? {} : { method }),
    headers: valueMatches(headers ?? [], name => name.toLowerCase()),
    queryParams: valueMatches(queryParams ?? [], name => name),
  };
}

/** A regular expression that not both planes can run. */
export class RegexError extends Error {}

function pathMatch(type: RouteMatch['path']['type'], value: string): RouteMatch['path'] {
  switch (type) {
    case 'PathPrefix':
      // "the trailing slash of the path is ignored" (PathMatchType): `/abc` and `/abc/` are one prefix.
      return { type, value: value.length > 1 && value.endsWith('/') ? value.slice(0, -1) : value };
    case 'RegularExpression':
      checkRegex(value);
      return { type, value };
    case 'Exact':
      return { type, value };
  }
}

/** "only the first entry with an equivalent name must be considered for a match" (HTTPRouteMatch.headers, .queryParams) */
function valueMatches(specs: readonly ValueMatchSpec[], normalize: (name: string) => string): ValueMatch[] {
  const matches = new Map<string, ValueMatch>();
  for (const { type = 'Exact', name, value } of specs) {
    const key = normalize(name);
    if (matches.has(key)) continue;
    if (type === 'RegularExpression') checkRegex(value);
    matches.set(key, { type, name: key, value });
  }
  return [...matches.values()];
}

function checkRegex(pattern: string): void {
  // Envoy takes no empty one (envoy.type.matcher.v3.RegexMatcher.regex).
  if (pattern === '') throw new RegexError('regex "" is invalid: it is empty');
  try {
    expressionOf(pattern);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new RegexError(`regex ${shown(pattern)} is invalid: ${error.message}`);
  }
}
