import type { HTTPRoute } from '../api/index.ts';
import type { RouteMatch, ValueMatch } from '../plan/index.ts';

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

/** What JavaScript can and RE2, Envoy's engine, cannot: lookaround and back references. */
const NOT_IN_RE2 = /\(\?(=|!|<=|<!)|\\[1-9]|\\k</;

/** RE2 has no `\u` and `\c`: Envoy would refuse the whole configuration for one. */
const ESCAPE_NOT_IN_RE2 = /(?<!\\)(?:\\\\)*\\[uc]/;

/** RE2's kMaxRepeat. */
const MAX_REPEAT = 1000;

/** What means one thing to RE2 and another to JavaScript: anchors, quotes and classes by name. */
const OTHER_IN_RE2 = /(?<!\\)(?:\\\\)*(?:\\[AzQECpP]|\[\[:)/;

function checkRegex(pattern: string): void {
  if (NOT_IN_RE2.test(pattern)) {
    throw new RegexError(`regex "${pattern}" is invalid: lookaround and back references are not supported`);
  }
  if (OTHER_IN_RE2.test(pattern)) {
    throw new RegexError(
      `regex "${pattern}" is invalid: \\A, \\z, \\Q, \\C, \\p and [[:class:]] are not supported`,
    );
  }
  if (ESCAPE_NOT_IN_RE2.test(pattern)) {
    throw new RegexError(`regex "${pattern}" is invalid: \\u and \\c are not supported`);
  }
  for (const [repeat, from, to = from] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    if (Math.max(Number(from), Number(to)) > MAX_REPEAT)
      throw new RegexError(`regex "${pattern}" is invalid: ${repeat} repeats more than ${MAX_REPEAT} times`);
  }
  try {
    new RegExp(pattern);
  } catch (error) {
    throw new RegexError(
      `regex "${pattern}" is invalid: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
