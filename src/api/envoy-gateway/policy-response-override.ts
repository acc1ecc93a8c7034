import { z } from 'zod';
import { int32, localObject, preciseHostname } from '../common-schemas.ts';
import { headerFilter, pathModifier } from '../gateway-api/http-route-filter.ts';
import { headerName } from '../gateway-api/http-route-match.ts';
import { rule } from '../schema-rules.ts';

const statusCode = z
  .strictObject({
    type: z.enum(['Value', 'Range']).default('Value'),
    value: z.int().optional(),
    range: z
      .strictObject({ start: z.int(), end: z.int() })
      .check(rule('end must be greater than start', range => range.end > range.start))
      .optional(),
  })
  .check(
    rule('value must be set for type Value', code => code.type !== 'Value' || code.value !== undefined),
    rule('range must be set for type Range', code => code.type !== 'Range' || code.range !== undefined),
  );

const match = z
  .strictObject({
    statusCodes: z.array(statusCode).min(1).max(50).optional(),
    responseHeaders: z
      .array(
        z.strictObject({
          name: headerName,
          value: z.strictObject({
            type: z.enum(['Exact', 'Prefix', 'Suffix', 'RegularExpression']).default('Exact'),
            value: z.string().min(1).max(1024),
          }),
        }),
      )
      .min(1)
      .max(16)
      .optional(),
  })
  .check(
    rule(
      'at least one of statusCodes or responseHeaders must be specified',
      each => each.statusCodes !== undefined || each.responseHeaders !== undefined,
    ),
  );

const body = z
  .strictObject({
    type: z.enum(['Inline', 'ValueRef']).default('Inline'),
    inline: z.string().optional(),
    valueRef: z.strictObject(localObject).optional(),
  })
  .check(
    rule('inline must be set for type Inline', each => each.type !== 'Inline' || each.inline !== undefined),
    rule(
      'valueRef must be set for type ValueRef',
      each => each.type !== 'ValueRef' || each.valueRef !== undefined,
    ),
    rule(
      'only ConfigMap is supported for ValueRef',
      each => each.valueRef === undefined || each.valueRef.kind === 'ConfigMap',
    ),
  );

const response = z.strictObject({
  body: body.optional(),
  contentType: z.string().optional(),
  header: headerFilter('any')
    .check(
      rule<{ remove?: string[] | undefined }>(
        'Remove is not supported for header in CustomResponse',
        each => (each.remove?.length ?? 0) === 0,
      ),
    )
    .optional(),
  statusCode: z.int().optional(),
});

const redirect = z.strictObject({
  hostname: preciseHostname.optional(),
  path: pathModifier
    .check(
      rule<{ type: string }>(
        'only ReplaceFullPath is supported for path.type',
        path => path.type === 'ReplaceFullPath',
      ),
    )
    .optional(),
  port: int32.optional(),
  scheme: z.enum(['http', 'https']).optional(),
  statusCode: z.literal([301, 302]).default(302),
});

/** ResponseOverride of a BackendTrafficPolicy. */
export const responseOverride = z
  .strictObject({
    match,
    response: response.optional(),
    redirect: redirect.optional(),
    source: z.enum(['All', 'Local', 'Backend']).optional(),
  })
  .check(
    rule(
      'exactly one of response or redirect must be specified',
      each => (each.response === undefined) !== (each.redirect === undefined),
    ),
  );
