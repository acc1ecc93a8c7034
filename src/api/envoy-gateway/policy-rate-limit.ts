import { z } from 'zod';
import { rule } from '../schema-rules.ts';

const invert = z.boolean().default(false);

const valueMatch = z.strictObject({
  type: z.enum(['Exact', 'RegularExpression', 'Distinct']).default('Exact'),
  name: z.string().min(1).max(256),
  value: z.string().max(1024).optional(),
  invert,
});

const clientSelector = z
  .strictObject({
    headers: z.array(valueMatch).max(128).optional(),
    methods: z
      .array(
        z.strictObject({
          value: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']),
          invert,
        }),
      )
      .optional(),
    path: z
      .strictObject({
        type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']).default('PathPrefix'),
        value: z.string().max(1024).default('/'),
        invert,
      })
      .optional(),
    sourceCIDR: z
      .strictObject({
        type: z.enum(['Exact', 'Distinct']).default('Exact'),
        value: z.string().min(1).max(256),
        invert,
      })
      .optional(),
    queryParams: z.array(valueMatch).max(16).optional(),
  })
  .check(
    rule(
      'at least one of headers, methods, path, sourceCIDR or queryParams must be specified',
      selector => Object.keys(selector).length > 0,
    ),
  );

const cost = z
  .strictObject({
    from: z.enum(['Number', 'Metadata']),
    number: z.int().optional(),
    metadata: z.strictObject({ namespace: z.string(), key: z.string() }).optional(),
  })
  .check(
    rule(
      'only one of number or metadata can be specified',
      each => each.number === undefined || each.metadata === undefined,
    ),
  );

const limitRule = z.strictObject({
  clientSelectors: z.array(clientSelector).max(8).optional(),
  limit: z.strictObject({
    requests: z.int().min(0).max(4_294_967_295),
    unit: z.enum(['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month', 'Year']),
    fromMetadata: z.strictObject({ namespace: z.string().min(1), key: z.string().min(1) }).optional(),
  }),
  cost: z.strictObject({ request: cost.optional(), response: cost.optional() }).optional(),
  shadowMode: z.boolean().optional(),
  shared: z.boolean().optional(),
  xRateLimitHeaders: z.enum(['Off', 'DraftVersion03']).optional(),
});

/** RateLimit of a BackendTrafficPolicy. */
export const rateLimit = z.strictObject({
  type: z.enum(['Global', 'Local']).optional(),
  global: z.strictObject({ rules: z.array(limitRule).max(256) }).optional(),
  local: z
    .strictObject({
      rules: z
        .array(limitRule)
        .max(16)
        .check(
          rule('response cost is not supported for Local Rate Limits', all =>
            all.every(each => each.cost?.response === undefined),
          ),
          rule('limit fromMetadata is not supported for Local Rate Limits', all =>
            all.every(each => each.limit.fromMetadata === undefined),
          ),
        )
        .optional(),
    })
    .optional(),
});
