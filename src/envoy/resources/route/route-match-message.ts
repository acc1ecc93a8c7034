import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RouteMatch, ValueMatch } from '../../../plan/index.ts';
import type { RouteMatchSchema } from '../../gen/envoy/config/route/v3/route_components_pb.ts';
import type { StringMatcherSchema } from '../../gen/envoy/type/matcher/v3/string_pb.ts';

type EnvoyMatch = MessageInitShape<typeof RouteMatchSchema>;

/** @param more more header matchers */
export function routeMatch(match: RouteMatch, more: EnvoyMatch['headers'] = []): EnvoyMatch {
  return {
    pathSpecifier: pathSpecifier(match.path),
    headers: [
      ...(match.method === undefined
        ? []
        : [headerMatcher({ type: 'Exact', name: ':method', value: match.method })]),
      ...match.headers.map(headerMatcher),
      ...more,
    ],
    queryParameters: match.queryParams.map(param => ({
      name: param.name,
      queryParameterMatchSpecifier: { case: 'stringMatch' as const, value: stringMatcher(param) },
    })),
  };
}

function pathSpecifier({ type, value }: RouteMatch['path']): NonNullable<EnvoyMatch['pathSpecifier']> {
  switch (type) {
    case 'Exact':
      return { case: 'path', value };
    case 'RegularExpression':
      return { case: 'safeRegex', value: { regex: value } };
    case 'PathPrefix': {
      const prefix = value.endsWith('/') ? value.slice(0, -1) : value;
      return prefix === '' ? { case: 'prefix', value: '/' } : { case: 'pathSeparatedPrefix', value: prefix };
    }
  }
}

function headerMatcher(match: ValueMatch) {
  return {
    name: match.name,
    headerMatchSpecifier: { case: 'stringMatch' as const, value: stringMatcher(match) },
  };
}

function stringMatcher({ type, value }: ValueMatch): MessageInitShape<typeof StringMatcherSchema> {
  return type === 'Exact'
    ? { matchPattern: { case: 'exact', value } }
    : { matchPattern: { case: 'safeRegex', value: { regex: value } } };
}
