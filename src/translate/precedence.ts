import type { Route, RouteMatch } from '../plan/index.ts';

/** What decides between routes of one virtual host: the match, then where it comes from. */
export interface Precedence {
  readonly match: RouteMatch;
  /** metadata.creationTimestamp, RFC 3339 in UTC; '' where unknown, which counts as oldest. */
  readonly created: string;
  readonly namespace: string;
  readonly name: string;
  readonly ruleIndex: number;
  readonly matchIndex: number;
}

/** A route with what orders it. */
export interface RankedRoute {
  readonly route: Route;
  readonly rank: Precedence;
}

/** Gateway API leaves the place of regular expressions open; this is Envoy Gateway's. */
const PATH_TYPE_RANK = { Exact: 0, RegularExpression: 1, PathPrefix: 2 } as const;

/**
 * Negative when `a` is tried before `b`. A total order over the matches of any set of HTTPRoutes.
 * (Gateway API, HTTPRouteRule.matches: exact path, longest prefix, method, most headers, most query parameters, oldest
 * route, namespace/name, first rule. Among equally many headers or parameters Envoy Gateway puts more exact ones first.)
 */
export function comparePrecedence(a: Precedence, b: Precedence): number {
  return (
    PATH_TYPE_RANK[a.match.path.type] - PATH_TYPE_RANK[b.match.path.type] ||
    b.match.path.value.length - a.match.path.value.length ||
    Number(b.match.method !== undefined) - Number(a.match.method !== undefined) ||
    b.match.headers.length - a.match.headers.length ||
    exactCount(b.match.headers) - exactCount(a.match.headers) ||
    b.match.queryParams.length - a.match.queryParams.length ||
    exactCount(b.match.queryParams) - exactCount(a.match.queryParams) ||
    compareText(a.created, b.created) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name) ||
    a.ruleIndex - b.ruleIndex ||
    a.matchIndex - b.matchIndex
  );
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function exactCount(values: RouteMatch['headers']): number {
  let count = 0;
  for (const value of values) if (value.type === 'Exact') count++;
  return count;
}
