import { z } from 'zod';
import { fraction, int32 } from '../common-schemas.ts';
import { backendObject, servicePort } from '../gateway-api/backend-object.ts';
import { headerName } from '../gateway-api/http-route-match.ts';
import { rule } from '../schema-rules.ts';
import { clusterSettings, preconnectRule } from './cluster-settings.ts';
import { compressor, tracing } from './policy-connection.ts';
import { healthCheckLog } from './policy-health-check.ts';

const texts = z.array(z.string()).optional();
const attributes = z.record(z.string(), z.string()).optional();

/** BackendCluster: where Envoy sends its logs, metrics and traces. */
const backends = {
  backendRef: z.strictObject(backendObject).check(servicePort).optional(),
  backendRefs: z
    .array(
      z
        .strictObject({
          ...backendObject,
          fallback: z.boolean().optional(),
          weight: z.int().min(0).max(1_000_000).default(1),
        })
        .check(servicePort),
    )
    .max(16)
    .optional(),
  backendSettings: z.strictObject(clusterSettings).check(preconnectRule).optional(),
};

interface Backends {
  backendRef?: unknown;
  backendRefs?: { group: string; kind: string }[] | undefined;
  host?: string | undefined;
}

const backendRules = [
  rule<Backends>(
    'BackendRefs must be used, backendRef is not supported.',
    each => each.backendRef === undefined,
  ),
  rule<Backends>('BackendRefs only support Service and Backend kind.', ({ backendRefs = [] }) =>
    backendRefs.every(({ kind }) => kind === 'Service' || kind === 'Backend'),
  ),
  rule<Backends>('BackendRefs only support Core and gateway.envoyproxy.io group.', ({ backendRefs = [] }) =>
    backendRefs.every(({ group }) => group === '' || group === 'gateway.envoyproxy.io'),
  ),
];

/** Without backendRefs the CRD's rule cannot be evaluated, which refuses the object too. */
const hostOrBackends = rule<Backends>(
  'host or backendRefs needs to be set',
  ({ host, backendRefs = [] }) => host !== undefined || backendRefs.length > 0,
);

const headers = z
  .array(z.strictObject({ name: headerName, value: z.string().min(1).max(4096) }))
  .min(1)
  .max(32)
  .optional();

interface Typed {
  type?: string | undefined;
  [field: string]: unknown;
}

function exactlyFor(type: string, field: string, what: string) {
  return rule<Typed>(
    `If ${what} type is ${type}, ${field} field needs to be set.`,
    each => (each.type === type) === (each[field] !== undefined),
  );
}

const format = z
  .strictObject({
    type: z.enum(['Text', 'JSON']).optional(),
    text: z.string().optional(),
    json: attributes,
  })
  .check(
    ...(
      [
        ['Text', 'text', 'json'],
        ['JSON', 'json', 'text'],
      ] as const
    ).flatMap(([type, own, other]) => [
      rule<Typed>(
        `If AccessLogFormat type is ${type}, ${own} field needs to be set.`,
        each => each.type !== type || each[own] !== undefined,
      ),
      rule<Typed>(
        `If AccessLogFormat type is ${type}, ${other} field must not be set.`,
        each => each.type !== type || each[other] === undefined,
      ),
    ]),
    rule<Typed>(
      'If AccessLogFormat type is unset, at least one of text or json must be set.',
      each => each.type !== undefined || each['text'] !== undefined || each['json'] !== undefined,
    ),
  );

const als = z
  .strictObject({
    ...backends,
    logName: z.string().min(1).optional(),
    type: z.enum(['HTTP', 'TCP']),
    http: z
      .strictObject({ requestHeaders: texts, responseHeaders: texts, responseTrailers: texts })
      .optional(),
  })
  .check(
    rule(
      'The http field may only be set when type is HTTP.',
      each => each.type === 'HTTP' || each.http === undefined,
    ),
    ...backendRules,
    rule<Backends>(
      'must have at least one backend in backendRefs',
      ({ backendRefs = [] }) => backendRefs.length > 0,
    ),
  );

const sink = z
  .strictObject({
    // The CRD does not require it, and its rules cannot be evaluated without it.
    type: z.enum(['ALS', 'File', 'OpenTelemetry']),
    als: als.optional(),
    file: z.strictObject({ path: z.string().min(1).optional() }).optional(),
    openTelemetry: z
      .strictObject({
        ...backends,
        headers,
        host: z.string().optional(),
        port: int32.min(0).default(4317),
        resources: attributes,
        resourceAttributes: attributes,
      })
      .check(
        hostOrBackends,
        ...backendRules,
        rule(
          'either resources or resourceAttributes can be set, not both',
          each => each.resources === undefined || each.resourceAttributes === undefined,
        ),
      )
      .optional(),
  })
  .check(
    exactlyFor('ALS', 'als', 'AccessLogSink'),
    exactlyFor('File', 'file', 'AccessLogSink'),
    exactlyFor('OpenTelemetry', 'openTelemetry', 'AccessLogSink'),
  );

const accessLog = z.strictObject({
  disable: z.boolean().optional(),
  settings: z
    .array(
      z.strictObject({
        format: format.optional(),
        matches: z.array(z.string()).max(10).optional(),
        sinks: z.array(sink).min(1).max(50),
        type: z.enum(['Listener', 'Route', 'Upstream']).optional(),
      }),
    )
    .min(1)
    .max(50)
    .optional(),
});

const metricSink = z
  .strictObject({
    type: z.enum(['OpenTelemetry']).default('OpenTelemetry'),
    openTelemetry: z
      .strictObject({
        ...backends,
        headers,
        host: z.string().optional(),
        port: z.int().min(0).max(65_535).default(4317),
        reportCountersAsDeltas: z.boolean().optional(),
        reportHistogramsAsDeltas: z.boolean().optional(),
        resourceAttributes: attributes,
      })
      .check(hostOrBackends, ...backendRules)
      .optional(),
  })
  .check(exactlyFor('OpenTelemetry', 'openTelemetry', 'MetricSink'));

const metrics = z.strictObject({
  clusterStatName: z.string().optional(),
  enableGRPCStats: z.boolean().optional(),
  enablePerEndpointStats: z.boolean().optional(),
  enableRequestResponseSizesStats: z.boolean().optional(),
  enableVirtualHostStats: z.boolean().optional(),
  matches: z
    .array(
      z.strictObject({
        type: z.enum(['Exact', 'Prefix', 'Suffix', 'RegularExpression']).default('Exact'),
        value: z.string().min(1).max(1024),
      }),
    )
    .optional(),
  prometheus: z
    .strictObject({ disable: z.boolean().optional(), compression: compressor.optional() })
    .optional(),
  sinks: z.array(metricSink).max(16).optional(),
});

const sampler = z
  .strictObject({
    type: z
      .enum([
        'AlwaysOn',
        'AlwaysOff',
        'TraceIdRatio',
        'ParentBasedAlwaysOn',
        'ParentBasedAlwaysOff',
        'ParentBasedTraceIdRatio',
      ])
      .default('AlwaysOn'),
    samplingPercentage: fraction.optional(),
  })
  .check(
    rule(
      'samplingPercentage can only be set with TraceIdRatio or ParentBasedTraceIdRatio',
      each => each.samplingPercentage === undefined || each.type.endsWith('TraceIdRatio'),
    ),
  );

const tracer = z
  .strictObject({
    ...backends,
    type: z.enum(['OpenTelemetry', 'Zipkin', 'Datadog']).default('OpenTelemetry'),
    host: z.string().optional(),
    port: int32.min(0).default(4317),
    serviceName: z
      .string()
      .check(rule('serviceName cannot be empty if provided', name => name !== ''))
      .optional(),
    openTelemetry: z
      .strictObject({ headers, resourceAttributes: attributes, sampler: sampler.optional() })
      .optional(),
    zipkin: z
      .strictObject({
        disableSharedSpanContext: z.boolean().optional(),
        enable128BitTraceId: z.boolean().optional(),
      })
      .optional(),
  })
  .check(
    hostOrBackends,
    ...backendRules,
    rule(
      'openTelemetry can only be used with type OpenTelemetry',
      each => each.openTelemetry === undefined || each.type === 'OpenTelemetry',
    ),
  );

/** ProxyTelemetry of an EnvoyProxy, with the rules of its CRD. */
export const envoyTelemetry = z.strictObject({
  accessLog: accessLog.optional(),
  healthCheckLog: healthCheckLog.optional(),
  metrics: metrics.optional(),
  requestID: z
    .strictObject({ tracing: z.enum(['PackAndSample', 'Sample', 'Pack', 'Disable']).optional() })
    .optional(),
  tracing: z
    .strictObject({
      ...tracing,
      provider: tracer,
      samplingRate: z.int().min(0).max(100).optional(),
    })
    .check(
      rule(
        'only one of SamplingRate or SamplingFraction can be specified',
        each => each.samplingRate === undefined || each.samplingFraction === undefined,
      ),
    )
    .optional(),
});
