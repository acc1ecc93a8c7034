import { z } from 'zod';
import { duration, hostname, portNumber, preciseHostname } from './common.ts';
import { kubeObject } from './kube-object.ts';

const headerName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$/);
const header = z.strictObject({ name: headerName, value: z.string().max(4096) });

const headerFilter = z.strictObject({
  set: z.array(header).max(16).optional(),
  add: z.array(header).max(16).optional(),
  remove: z.array(z.string()).max(16).optional(),
});

const pathModifier = z.strictObject({
  type: z.enum(['ReplaceFullPath', 'ReplacePrefixMatch']),
  replaceFullPath: z.string().max(1024).optional(),
  replacePrefixMatch: z.string().max(1024).optional(),
});

const backendObject = {
  group: z.string().default(''),
  kind: z.string().default('Service'),
  name: z.string().min(1).max(253),
  namespace: z.string().optional(),
  port: portNumber.optional(),
};

const filter = z.strictObject({
  type: z.enum([
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'URLRewrite',
    'ExtensionRef',
    'CORS',
    'ExternalAuth',
  ]),
  requestHeaderModifier: headerFilter.optional(),
  responseHeaderModifier: headerFilter.optional(),
  requestMirror: z
    .strictObject({
      backendRef: z.strictObject(backendObject),
      percent: z.int().min(0).max(100).optional(),
      fraction: z
        .strictObject({ numerator: z.int().min(0), denominator: z.int().min(1).default(100) })
        .optional(),
    })
    .optional(),
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
  extensionRef: z.strictObject({ group: z.string(), kind: z.string(), name: z.string() }).optional(),
  cors: z.looseObject({}).optional(),
  externalAuth: z.looseObject({}).optional(),
});

const valueMatch = z.strictObject({
  type: z.enum(['Exact', 'RegularExpression']).default('Exact'),
  name: headerName,
  value: z.string().min(1).max(4096),
});

const match = z.strictObject({
  path: z
    .strictObject({
      type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']).default('PathPrefix'),
      value: z.string().max(1024).default('/'),
    })
    .prefault({}),
  headers: z.array(valueMatch).max(16).optional(),
  queryParams: z.array(valueMatch).max(16).optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']).optional(),
});

const rule = z.strictObject({
  name: z.string().optional(),
  matches: z.array(match).max(64).prefault([{}]),
  filters: z.array(filter).max(16).optional(),
  backendRefs: z
    .array(
      z.strictObject({
        ...backendObject,
        weight: z.int().min(0).max(1_000_000).default(1),
        filters: z.array(filter).max(16).optional(),
      }),
    )
    .max(16)
    .optional(),
  timeouts: z.strictObject({ request: duration.optional(), backendRequest: duration.optional() }).optional(),
  retry: z
    .strictObject({
      codes: z.array(z.int().min(400).max(599)).optional(),
      attempts: z.int().optional(),
      backoff: duration.optional(),
    })
    .optional(),
  sessionPersistence: z.looseObject({}).optional(),
});

/** gateway.networking.k8s.io/v1 HTTPRoute */
export const httpRouteSchema = kubeObject({
  spec: z.strictObject({
    parentRefs: z
      .array(
        z.strictObject({
          group: z.string().default('gateway.networking.k8s.io'),
          kind: z.string().default('Gateway'),
          namespace: z.string().optional(),
          name: z.string().min(1).max(253),
          sectionName: z.string().optional(),
          port: portNumber.optional(),
        }),
      )
      .max(32)
      .optional(),
    hostnames: z.array(hostname).max(16).optional(),
    rules: z.array(rule).max(16).prefault([{}]),
    useDefaultGateways: z.string().optional(),
  }),
});

export type HTTPRoute = z.input<typeof httpRouteSchema>;
