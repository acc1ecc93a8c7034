import { expressionOf } from '../../kernel/index.ts';
import { isModelHeader, type Route, type RouteMatch, type ValueMatch } from '../../plan/index.ts';
import { CorsPolicy } from './cors-policy.ts';

/** What a route looks at. */
export interface RequestView {
  readonly method: string;
  /** Normalised, without query. */
  readonly path: string;
  /** Without `?`; '' for none. */
  readonly query: string;
  /** name (lower case), value, … */
  readonly headers: readonly string[];
  /** The body was not read for its model yet: a route that asks for one matches by all else. */
  readonly modelUnread?: boolean;
}

/** A route whose expressions are compiled. */
export interface CompiledRoute {
  readonly route: Route;
  readonly cors: CorsPolicy | undefined;
  /** It matches on the model that the body asks for. */
  readonly asksModel: boolean;
  matches(request: RequestView): boolean;
}

export function compileRoute(route: Route): CompiledRoute {
  const { match } = route;
  const path = pathTest(match.path);
  const headers = match.headers.filter(({ name }) => !isModelHeader(name)).map(valueTest);
  const models = match.headers.filter(({ name }) => isModelHeader(name)).map(valueTest);
  const params = match.queryParams.map(valueTest);
  return {
    route,
    cors: route.cors === undefined ? undefined : new CorsPolicy(route.cors),
    asksModel: models.length > 0,
    matches(request) {
      if (match.method !== undefined && match.method !== request.method) return false;
      if (!path(request.path)) return false;
      for (const header of headers) if (!anyLine(request.headers, header)) return false;
      for (const param of params) if (!param(queryValue(request.query, param.wanted))) return false;
      if (request.modelUnread !== true)
        for (const model of models) if (!anyLine(request.headers, model)) return false;
      return true;
    },
  };
}

function pathTest(match: RouteMatch['path']): (path: string) => boolean {
  const { value } = match;
  switch (match.type) {
    case 'Exact':
      return path => path === value;
    case 'PathPrefix': {
      const prefix = value.endsWith('/') ? value.slice(0, -1) : value;
      if (prefix === '') return path => path.charCodeAt(0) === 0x2f;
      return path =>
        path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f);
    }
    case 'RegularExpression': {
      // Envoy's safe_regex matches the whole path.
      const expression = expressionOf(value);
      return path => expression.matches(path);
    }
  }
}

type ValueTest = ((value: string | undefined) => boolean) & { wanted: string };

function valueTest(match: ValueMatch): ValueTest {
  const expression = match.type === 'RegularExpression' ? expressionOf(match.value) : undefined;
  const test = (value: string | undefined) =>
    value !== undefined && (expression === undefined ? value === match.value : expression.matches(value));
  return Object.assign(test, { wanted: match.name });
}

/** A header that is repeated matches by any of its lines, as in Envoy. */
function anyLine(headers: readonly string[], test: ValueTest): boolean {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] === test.wanted && test(headers[i + 1])) return true;
  return false;
}

/** As it is written, without decoding, as in Envoy. Of a repeated parameter the first counts (Gateway API, HTTPQueryParamMatch). */
function queryValue(query: string, name: string): string | undefined {
  for (let at = 0; at < query.length; ) {
    const next = query.indexOf('&', at);
    const end = next === -1 ? query.length : next;
    const equals = query.indexOf('=', at);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (nameEnd - at === name.length && query.startsWith(name, at)) return query.slice(nameEnd + 1, end);
    at = end + 1;
  }
  return undefined;
}
