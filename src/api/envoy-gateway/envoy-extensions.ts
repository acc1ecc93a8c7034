import { z } from 'zod';
import { labelSelector } from '../common-schemas.ts';
import { rule, unique } from '../schema-rules.ts';
import { isOrderedVersions, tlsSettings } from './backend-tls-settings.ts';

// Fields of an EnvoyProxy that nothing here reads, as their CRD has them.

/** BackendTLSConfig */
export const backendTlsConfig = z.strictObject(tlsSettings).check(...isOrderedVersions);

const remote = z.strictObject({
  sha256: z.string().regex(/^[a-f0-9]{64}$/),
  url: z
    .string()
    .min(1)
    .max(4096)
    .regex(/^https?:\/\/[^/?#]+(?:[/?#].*)?$/),
});

const source = z
  .strictObject({
    type: z.enum(['Local', 'Remote']).default('Local'),
    local: z.strictObject({ path: z.string().min(1).max(4096) }).optional(),
    remote: remote.optional(),
  })
  .check(
    rule(
      'If type is Remote, remote field needs to be set.',
      each => (each.type === 'Remote') === (each.remote !== undefined),
    ),
    rule(
      'If type is Local, local field needs to be set.',
      each => each.type !== 'Local' || each.local !== undefined,
    ),
    rule(
      'If type is Remote, local field must not be set.',
      each => each.type !== 'Remote' || each.local === undefined,
    ),
  );

export const dynamicModules = z
  .array(
    z.strictObject({
      name: z
        .string()
        .min(1)
        .max(253)
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/),
      source,
      doNotClose: z.boolean().default(false),
      loadGlobally: z.boolean().default(false),
    }),
  )
  .max(16)
  .check(unique('name'));

const FILTERS = [
  'custom_response',
  'health_check',
  'fault',
  'cors',
  'csrf',
  'header_mutation',
  'ext_authz',
  'api_key_auth',
  'basic_auth',
  'oauth2',
  'jwt_authn',
  'stateful_session',
  'buffer',
  'lua',
  'ext_proc',
  'wasm',
  'dynamic_modules',
  'geoip',
  'rbac',
  'local_ratelimit',
  'ratelimit',
  'bandwidth_limit',
  'grpc_web',
  'grpc_stats',
  'credential_injector',
  'compressor',
  'dynamic_forward_proxy',
] as const;
const filter = z.enum(FILTERS.map(name => `envoy.filters.http.${name}` as const));

export const filterOrder = z.array(
  z.strictObject({ name: filter, before: filter.optional(), after: filter.optional() }).check(
    rule(
      'one of before or after must be specified',
      each => each.before !== undefined || each.after !== undefined,
    ),
    rule(
      'only one of before or after can be specified',
      each => (each.before === undefined) !== (each.after === undefined),
    ),
  ),
);

const database = z
  .strictObject({ local: z.strictObject({ path: z.string().regex(/^.*\.mmdb$/) }) })
  .optional();

export const geoIP = z.strictObject({
  provider: z
    .strictObject({
      type: z.enum(['MaxMind']),
      maxMind: z
        .strictObject({
          anonymousIpDbSource: database,
          asnDbSource: database,
          cityDbSource: database,
          countryDbSource: database,
          ispDbSource: database,
        })
        .check(
          rule(
            'at least one MaxMind database source must be specified',
            sources => Object.keys(sources).length > 0,
          ),
        )
        .optional(),
    })
    .check(rule('maxMind must be set when type is MaxMind', provider => provider.maxMind !== undefined)),
});

export const mergeBackends = z.strictObject({ selector: labelSelector.optional() });

export const jsonPatch = z.strictObject({
  op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
  from: z.string().optional(),
  jsonPath: z.string().optional(),
  path: z.string().optional(),
  value: z.unknown().optional(),
});
