import { z } from 'zod';
import {
  duration,
  group,
  hostname,
  kind,
  namespaceName,
  objectName,
  portNumber,
  sectionName,
} from '../common-schemas.ts';
import { durationMs } from '../duration.ts';
import { kubeObject } from '../kube-object.ts';
import { repeatedAt, rule, unique } from '../schema-rules.ts';
import { backendObject, servicePort } from './backend-object.ts';
import { filters, type ReadFilter } from './http-route-filter.ts';
import { match } from './http-route-match.ts';
import { parentRefRules } from './parent-ref.ts';

const backendRef = z
  .strictObject({
    ...backendObject,
    weight: z.int().min(0).max(1_000_000).default(1),
    filters: filters.optional(),
  })
  .check(servicePort);

const timeouts = z.strictObject({ request: duration.optional(), backendRequest: duration.optional() }).check(
  rule(
    'backendRequest timeout cannot be longer than request timeout',
    ({ request = '0s', backendRequest = '0s' }) => {
      const limit = durationMs(request) ?? 0;
      return limit === 0 || (durationMs(backendRequest) ?? 0) <= limit;
    },
    () => ['backendRequest'],
  ),
);

const sessionPersistence = z
  .strictObject({
    sessionName: z.string().max(128).optional(),
    type: z.enum(['Cookie', 'Header']).default('Cookie'),
    absoluteTimeout: duration.optional(),
    cookieConfig: z
      .strictObject({ lifetimeType: z.enum(['Permanent', 'Session']).default('Session') })
      .optional(),
  })
  .check(
    rule(
      'AbsoluteTimeout must be specified when cookie lifetimeType is Permanent',
      each => each.cookieConfig?.lifetimeType !== 'Permanent' || each.absoluteTimeout !== undefined,
    ),
    rule(
      'cookieConfig can only be set with type Cookie',
      each => each.cookieConfig === undefined || each.type === 'Cookie',
      () => ['cookieConfig'],
    ),
  );

const routeRule = z
  .strictObject({
    name: sectionName.optional(),
    matches: z.array(match).max(64).prefault([{}]),
    filters: filters.optional(),
    backendRefs: z.array(backendRef).max(16).optional(),
    timeouts: timeouts.optional(),
    retry: z
      .strictObject({
        codes: z.array(z.int().min(400).max(599)).check(unique()).optional(),
        attempts: z.int().min(1).optional(),
        backoff: duration.optional(),
      })
      .optional(),
    sessionPersistence: sessionPersistence.optional(),
  })
  .check(
    rule(
      'RequestRedirect filter must not be used together with backendRefs',
      each =>
        !each.backendRefs?.length || !each.filters?.some(filter => filter.requestRedirect !== undefined),
      () => ['backendRefs'],
    ),
    ...replacesPrefix('RequestRedirect', filter => filter.requestRedirect?.path),
    ...replacesPrefix('URLRewrite', filter => filter.urlRewrite?.path),
  );

interface Replacing {
  matches: readonly { path: { type: string } }[];
  filters?: ReadFilter[] | undefined;
  backendRefs?: readonly { filters?: ReadFilter[] | undefined }[] | undefined;
}

/** What a prefix is replaced by is only clear where there is one prefix. */
function replacesPrefix(type: string, pathOf: (filter: ReadFilter) => { type: string } | undefined) {
  const replacingIn = (filters: readonly ReadFilter[] = []) =>
    filters.findIndex(filter => pathOf(filter)?.type === 'ReplacePrefixMatch');
  const isOnePrefix = ({ matches }: Replacing) =>
    matches.length === 1 && matches[0]?.path.type === 'PathPrefix';
  const message = `hen using ${type} filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified`;
  const replacingRef = ({ backendRefs = [] }: Replacing) =>
    backendRefs.findIndex(({ filters }) => replacingIn(filters) !== -1);
  return [
    rule<Replacing>(
      `W${message}`,
      each => replacingIn(each.filters) === -1 || isOnePrefix(each),
      each => ['filters', replacingIn(each.filters)],
    ),
    rule<Replacing>(
      `Within backendRefs, w${message}`,
      each => replacingRef(each) === -1 || isOnePrefix(each),
      each => ['backendRefs', replacingRef(each), 'filters'],
    ),
  ];
}

/** HTTPRouteSpec.rules: "the total number of matches across all rules in a route must be less than 128" */
const MAX_MATCHES = 128;

/** gateway.networking.k8s.io/v1 HTTPRoute */
export const httpRouteSchema = kubeObject({
  spec: z.strictObject({
    parentRefs: z
      .array(
        z.strictObject({
          group: group.default('gateway.networking.k8s.io'),
          kind: kind.default('Gateway'),
          namespace: namespaceName.optional(),
          name: objectName,
          sectionName: sectionName.optional(),
          port: portNumber.optional(),
        }),
      )
      .max(32)
      .check(...parentRefRules)
      .optional(),
    hostnames: z.array(hostname).max(16).optional(),
    rules: z
      .array(routeRule)
      .min(1)
      .max(16)
      .check(
        rule(
          'While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
          rules => rules.reduce((sum, each) => sum + each.matches.length, 0) <= MAX_MATCHES,
        ),
        rule(
          'Rule name must be unique within the route',
          rules => repeatedName(rules) === -1,
          rules => [repeatedName(rules), 'name'],
        ),
      )
      .prefault([{}]),
    useDefaultGateways: z.enum(['All', 'None']).optional(),
  }),
});

function repeatedName(rules: readonly { name?: string | undefined }[]): number {
  return repeatedAt([...rules.entries()], ([index, { name }]) => name ?? `${index} `);
}

export type HTTPRoute = z.input<typeof httpRouteSchema>;
