import type { Any } from '@bufbuild/protobuf/wkt';
import type { Cors } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import { CorsPolicySchema } from '../../gen/envoy/extensions/filters/http/cors/v3/cors_pb.ts';

/** What a route says to the CORS filter. */
export function corsPolicy(cors: Cors): Any {
  return packAny(CorsPolicySchema, {
    allowOriginStringMatch: cors.origins.map(({ type, value }) => ({
      matchPattern:
        type === 'Exact'
          ? { case: 'exact' as const, value }
          : { case: 'safeRegex' as const, value: { regex: value } },
    })),
    allowMethods: cors.allowMethods.join(', '),
    allowHeaders: cors.allowHeaders.join(', '),
    exposeHeaders: cors.exposeHeaders.join(', '),
    allowCredentials: cors.allowCredentials,
    maxAge: String(cors.maxAgeSeconds),
    // "the gateway returns 204/200 response but doesn't set the relevant cross-origin response headers" (HTTPCORSFilter)
    forwardNotMatchingPreflights: false,
  });
}
