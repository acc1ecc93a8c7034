import { z } from 'zod';
import { int32 } from '../common-schemas.ts';
import { rule, unique } from '../schema-rules.ts';
import { headerName } from './http-route-match.ts';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  '*',
] as const;

/** CORSOrigin */
const origin = z
  .string()
  .min(1)
  .max(253)
  .regex(/(^\*$)|(^(http(s)?):\/\/(((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)/);

function alone<T extends string>(what: string, others: string) {
  return rule<T[]>(
    `${what} cannot contain '*' alongside other ${others}`,
    values => !values.some(value => value === '*') || values.length === 1,
  );
}

/** HTTPCORSFilter, with the rules of its CRD. */
export const corsFilter = z.strictObject({
  allowOrigins: z.array(origin).max(64).check(unique(), alone('AllowOrigins', 'origins')).optional(),
  allowCredentials: z.boolean().optional(),
  allowMethods: z.array(z.enum(METHODS)).max(9).check(unique(), alone('AllowMethods', 'methods')).optional(),
  allowHeaders: z.array(headerName).max(64).check(unique(), alone('AllowHeaders', 'methods')).optional(),
  exposeHeaders: z.array(headerName).max(64).check(unique()).optional(),
  maxAge: int32.min(1).default(5),
});
