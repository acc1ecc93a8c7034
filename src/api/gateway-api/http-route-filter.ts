import { z } from 'zod';
import { fraction, localObject, portNumber, preciseHostname } from '../common-schemas.ts';
import { presentWhen, rule, unique } from '../schema-rules.ts';
import { backendObject, servicePort } from './backend-object.ts';
import { corsFilter } from './cors-filter.ts';
import { externalAuth } from './external-auth-filter.ts';
import { headerName, headerValue } from './http-route-match.ts';

/** @param values `plain`: those of the experimental channel, which names the characters that there may be */
export function headerFilter(values: 'plain' | 'any') {
  const value = values === 'plain' ? headerValue : z.string().min(1).max(4096);
  const headers = z
    .array(z.strictObject({ name: headerName, value }))
    .max(16)
    .check(unique('name'));
  return z.strictObject({
    set: headers.optional(),
    add: headers.optional(),
    remove: z.array(z.string()).max(16).check(unique()).optional(),
  });
}

const headerModifier = headerFilter('plain');

type PathModifier = {
  type: string;
  replaceFullPath?: string | undefined;
  replacePrefixMatch?: string | undefined;
};

export const pathModifier = z
  .strictObject({
    type: z.enum(['ReplaceFullPath', 'ReplacePrefixMatch']),
    replaceFullPath: z.string().max(1024).optional(),
    replacePrefixMatch: z.string().max(1024).optional(),
  })
  .check(
    ...presentWhen<PathModifier>('replaceFullPath', 'type', 'ReplaceFullPath'),
    ...presentWhen<PathModifier>('replacePrefixMatch', 'type', 'ReplacePrefixMatch'),
  );

const requestMirror = z
  .strictObject({
    backendRef: z.strictObject(backendObject).check(servicePort),
    percent: z.int().min(0).max(100).optional(),
    fraction: fraction.optional(),
  })
  .check(
    rule(
      'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter',
      mirror => mirror.percent === undefined || mirror.fraction === undefined,
    ),
  );

/** The filter types, with the field that each is configured by. */
const FIELDS = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  ExtensionRef: 'extensionRef',
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
} as const;

type Typed = { [F in (typeof FIELDS)[keyof typeof FIELDS]]?: unknown } & { type: string };

const oneConfiguration = Object.entries(FIELDS).flatMap(([type, field]) => [
  rule<Typed>(
    `filter.${field} must be nil if the filter.type is not ${type}`,
    filter => filter[field] === undefined || filter.type === type,
    () => [field],
  ),
  rule<Typed>(
    `filter.${field} must be specified for ${type} filter.type`,
    filter => filter[field] !== undefined || filter.type !== type,
    () => ['type'],
  ),
]);

const filter = z
  .strictObject({
    type: z.enum(Object.keys(FIELDS) as (keyof typeof FIELDS)[]),
    requestHeaderModifier: headerModifier.optional(),
    responseHeaderModifier: headerModifier.optional(),
    requestMirror: requestMirror.optional(),
    requestRedirect: z
      .strictObject({
        scheme: z.enum(['http', 'https']).optional(),
        hostname: preciseHostname.optional(),
        path: pathModifier.optional(),
        port: portNumber.optional(),
        statusCode: z.literal([301, 302, 303, 307, 308]).default(302),
      })
      .optional(),
    urlRewrite: z
      .strictObject({ hostname: preciseHostname.optional(), path: pathModifier.optional() })
      .optional(),
    extensionRef: z.strictObject(localObject).optional(),
    cors: corsFilter.optional(),
    externalAuth: externalAuth.optional(),
  })
  .check(...oneConfiguration);

/** An HTTPRouteFilter as it is once it is read. */
export type ReadFilter = z.output<typeof filter>;

const indexOf = (filters: readonly ReadFilter[], type: string, from = 0) =>
  filters.findIndex((each, index) => index >= from && each.type === type);

function atMostOne(type: keyof typeof FIELDS) {
  const second = (filters: ReadFilter[]) => {
    const first = indexOf(filters, type);
    return first === -1 ? -1 : indexOf(filters, type, first + 1);
  };
  return rule<ReadFilter[]>(
    `${type} filter cannot be repeated`,
    filters => second(filters) === -1,
    filters => [second(filters)],
  );
}

/** The filters of a rule or of a backendRef. */
export const filters = z
  .array(filter)
  .max(16)
  .check(
    rule(
      'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
      all => indexOf(all, 'RequestRedirect') === -1 || indexOf(all, 'URLRewrite') === -1,
      all => [Math.max(indexOf(all, 'RequestRedirect'), indexOf(all, 'URLRewrite'))],
    ),
    atMostOne('CORS'),
    atMostOne('RequestHeaderModifier'),
    atMostOne('ResponseHeaderModifier'),
    atMostOne('RequestRedirect'),
    atMostOne('URLRewrite'),
  );
