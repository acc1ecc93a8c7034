import { z } from 'zod';
import { rule, unique } from '../schema-rules.ts';

/** HTTPHeaderName; query parameters use it too. */
export const headerName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$/);

/** HTTPHeaderValue: the CRD's pattern, `^[!-~]+([\t ]?[!-~]+)*$`, without its ambiguity, which takes exponential time here. */
export const headerValue = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[!-~]+([\t ][!-~]+)*$/);

const matchType = z.enum(['Exact', 'RegularExpression']).default('Exact');

const PATH = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$/;
const PLAIN = "when type one of ['Exact', 'PathPrefix']";

interface Path {
  type: string;
  value: string;
}

/** A rule for paths that are not regular expressions. */
function plain(message: string, holds: (value: string) => boolean) {
  return rule<Path>(
    message,
    ({ type, value }) => type === 'RegularExpression' || holds(value),
    () => ['value'],
  );
}

const path = z
  .strictObject({
    type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']).default('PathPrefix'),
    value: z.string().max(1024).default('/'),
  })
  .check(
    plain(`value must be an absolute path and start with '/' ${PLAIN}`, value => value.startsWith('/')),
    ...['//', '/./', '/../', '%2f', '%2F', '#'].map(part =>
      plain(`must not contain '${part}' ${PLAIN}`, value => !value.includes(part)),
    ),
    ...['/..', '/.'].map(end => plain(`must not end with '${end}' ${PLAIN}`, value => !value.endsWith(end))),
    plain(
      `must only contain valid characters (matching ${PATH.source.replaceAll('\\/', '/')}) for types ['Exact', 'PathPrefix']`,
      value => PATH.test(value),
    ),
  );

/** HTTPRouteMatch */
export const match = z.strictObject({
  path: path.prefault({}),
  headers: z
    .array(z.strictObject({ type: matchType, name: headerName, value: headerValue }))
    .max(16)
    .check(unique('name'))
    .optional(),
  queryParams: z
    .array(z.strictObject({ type: matchType, name: headerName, value: z.string().min(1).max(1024) }))
    .max(16)
    .check(unique('name'))
    .optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']).optional(),
});
