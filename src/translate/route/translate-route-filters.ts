import type { HTTPRoute } from '../../api/index.ts';
import type { Cors, HeaderMutation, PathModifier, UrlRewrite } from '../../plan/index.ts';
import { NO_HEADER_MUTATION } from '../../plan/index.ts';
import type { BackendReference } from '../backend/backend.ts';
import { addHeaderFilter } from './header-filter.ts';
import { pathModifier } from './path-modifier.ts';
import type { RuleErrors } from './rule-errors.ts';
import { corsOf } from './translate-cors.ts';

type Filter = NonNullable<NonNullable<HTTPRoute['spec']['rules']>[number]['filters']>[number];
type RedirectFilter = NonNullable<Filter['requestRedirect']>;
type MirrorFilter = NonNullable<Filter['requestMirror']>;

/** The filters of one rule, put together. */
export interface RuleFilters {
  requestHeaders: HeaderMutation;
  responseHeaders: HeaderMutation;
  rewrite?: UrlRewrite;
  redirect?: Redirect;
  cors?: Cors;
  readonly mirrors: MirrorRef[];
}

export interface Redirect {
  readonly scheme?: 'http' | 'https';
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: PathModifier;
  readonly statusCode: 301 | 302 | 303 | 307 | 308;
}

export interface MirrorRef {
  readonly filterIndex: number;
  readonly ref: BackendReference;
  /** 0..1 */
  readonly ratio: number;
}

/** Reads the filters of a rule; what cannot be done goes to `errors`, and the rule then answers 500. */
export function ruleFilters(filters: readonly Filter[], errors: RuleErrors): RuleFilters {
  const result: RuleFilters = {
    requestHeaders: NO_HEADER_MUTATION,
    responseHeaders: NO_HEADER_MUTATION,
    mirrors: [],
  };
  for (const [index, filter] of filters.entries()) apply(filter, index, result, errors);
  if (result.redirect !== undefined && result.mirrors.length > 0) {
    const message = 'cannot configure requestMirror filter together with requestRedirect filter';
    errors.unaccepted('IncompatibleFilters', message, ['filters']);
  }
  return result;
}

function apply(filter: Filter, index: number, result: RuleFilters, errors: RuleErrors): void {
  const path = ['filters', index];
  const pathOf = (spec: { path?: RedirectFilter['path'] }, field: string): PathModifier | undefined => {
    if (spec.path === undefined) return undefined;
    const found: { field: string; message: string }[] = [];
    const modifier = pathModifier(spec.path, found);
    for (const each of found)
      errors.unaccepted('UnsupportedValue', `${filter.type} filter: ${each.message}`, [
        ...path,
        field,
        'path',
        each.field,
      ]);
    return modifier;
  };
  switch (filter.type) {
    case 'RequestHeaderModifier':
    case 'ResponseHeaderModifier': {
      const isRequest = filter.type === 'RequestHeaderModifier';
      const headers = isRequest ? filter.requestHeaderModifier : filter.responseHeaderModifier;
      if (headers === undefined) break;
      const messages: string[] = [];
      const key = isRequest ? 'requestHeaders' : 'responseHeaders';
      result[key] = addHeaderFilter(result[key], headers, filter.type, messages);
      for (const message of messages) errors.unaccepted('UnsupportedValue', message, path);
      break;
    }
    case 'RequestRedirect':
      if (result.redirect !== undefined) twice('requestRedirect', path, errors);
      else if (filter.requestRedirect)
        result.redirect = redirectOf(
          filter.requestRedirect,
          pathOf(filter.requestRedirect, 'requestRedirect'),
        );
      break;
    case 'URLRewrite':
      if (result.rewrite !== undefined) twice('urlRewrite', path, errors);
      else if (filter.urlRewrite)
        result.rewrite = rewriteOf(filter.urlRewrite, pathOf(filter.urlRewrite, 'urlRewrite'));
      break;
    case 'RequestMirror':
      if (filter.requestMirror) result.mirrors.push(mirrorOf(filter.requestMirror, index));
      break;
    case 'CORS':
      if (result.cors !== undefined) twice('cors', path, errors);
      else if (filter.cors) result.cors = corsOf(filter.cors);
      break;
    default:
      // "traffic that would have matched the filter should receive a 500 error" (GEP-1364)
      errors.unaccepted(
        'UnsupportedValue',
        `unsupported filter type: ${filter.type}`,
        path,
        'filter-unusable',
      );
  }
}

function twice(filter: string, path: (string | number)[], errors: RuleErrors): void {
  const message = `cannot configure multiple ${filter} filters for a single HTTPRouteRule`;
  errors.unaccepted('UnsupportedValue', message, path);
}

function redirectOf(
  { scheme, hostname, port, statusCode }: RedirectFilter,
  path: PathModifier | undefined,
): Redirect {
  return {
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
    statusCode: statusCode ?? 302,
  };
}

function rewriteOf(
  { hostname }: NonNullable<Filter['urlRewrite']>,
  path: PathModifier | undefined,
): UrlRewrite {
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(path === undefined ? {} : { path }),
  };
}

/** HTTPRequestMirrorFilter: `fraction` or `percent`, else all requests. */
function mirrorOf({ backendRef, fraction, percent }: MirrorFilter, filterIndex: number): MirrorRef {
  const ratio =
    fraction === undefined
      ? (percent ?? 100) / 100
      : Math.min(1, fraction.numerator / (fraction.denominator ?? 100));
  return { filterIndex, ref: backendRef, ratio };
}
