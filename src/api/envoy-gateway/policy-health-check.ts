import { z } from 'zod';
import { duration, int32, portNumber, preciseHostname } from '../common-schemas.ts';
import { rule, unique } from '../schema-rules.ts';

const status = z.int().min(100).max(599);

/** Base64, as OpenAPI's format `byte`. */
const bytes = z.base64().min(1);

const payload = z
  .strictObject({ type: z.enum(['Text', 'Binary']), text: z.string().optional(), binary: bytes.optional() })
  .check(
    rule(
      'If payload type is Text, text field needs to be set.',
      each => (each.type === 'Text') === (each.text !== undefined),
    ),
    rule(
      'If payload type is Binary, binary field needs to be set.',
      each => (each.type === 'Binary') === (each.binary !== undefined),
    ),
  );

/** ProxyHealthCheckLog, of an EnvoyProxy too. */
export const healthCheckLog = z.strictObject({
  matches: z
    .array(z.enum(['Failure', 'FailureSeriesStart', 'Success', 'HealthyTransition']))
    .max(4)
    .check(
      unique(),
      rule(
        'a failure type and a success type must both be specified together',
        all => all.some(each => each.startsWith('Failure')) === all.some(each => !each.startsWith('Failure')),
      ),
    )
    .optional(),
  sinks: z
    .array(
      z
        .strictObject({
          type: z.enum(['File']),
          file: z.strictObject({ path: z.string().min(1) }).optional(),
        })
        .check(
          rule(
            'If ProxyHealthCheckLogSink type is File, file field needs to be set.',
            sink => sink.file !== undefined,
          ),
        ),
    )
    .max(1)
    .optional(),
});

const http = z
  .strictObject({
    path: z.string().min(1).max(1024),
    method: z.string().max(16).optional(),
    hostname: preciseHostname.optional(),
    expectedStatuses: z.array(status).optional(),
    retriableStatuses: z.array(status).optional(),
    expectedResponse: payload.optional(),
    requestBody: payload.optional(),
  })
  .check(
    rule(
      'The requestBody field can only be set when method is POST or PUT.',
      each => each.requestBody === undefined || ['POST', 'PUT'].includes(each.method?.toUpperCase() ?? ''),
      () => ['requestBody'],
    ),
  );

const active = z
  .strictObject({
    type: z.enum(['HTTP', 'TCP', 'GRPC']),
    interval: duration.default('3s'),
    timeout: duration.default('1s'),
    initialJitter: duration.optional(),
    unhealthyThreshold: int32.min(1).default(3),
    healthyThreshold: int32.min(1).default(1),
    http: http.optional(),
    tcp: z.strictObject({ send: payload.optional(), receive: payload.optional() }).optional(),
    grpc: z.strictObject({ service: z.string().optional() }).optional(),
    overrides: z.strictObject({ port: portNumber.optional() }).optional(),
    healthCheckLog: healthCheckLog.optional(),
  })
  .check(
    rule(
      'If Health Checker type is HTTP, http field needs to be set.',
      check => (check.type === 'HTTP') === (check.http !== undefined),
    ),
    rule(
      'If Health Checker type is TCP, tcp field needs to be set.',
      check => (check.type === 'TCP') === (check.tcp !== undefined),
    ),
    rule(
      'The grpc field can only be set if the Health Checker type is GRPC.',
      check => check.type === 'GRPC' || check.grpc === undefined,
      () => ['grpc'],
    ),
  );

/** The CRD takes negative ones, which Envoy Gateway cannot read. */
const failures = int32.min(0);

const passive = z.strictObject({
  splitExternalLocalOriginErrors: z.boolean().default(false),
  interval: duration.default('3s'),
  consecutiveLocalOriginFailures: failures.default(5),
  consecutiveGatewayErrors: failures.optional(),
  consecutive5XxErrors: failures.default(5),
  baseEjectionTime: duration.default('30s'),
  maxEjectionPercent: z.int().min(0).max(100).default(10),
  failurePercentageThreshold: z.int().min(0).max(100).optional(),
  alwaysEjectOneEndpoint: z.boolean().default(false),
});

/** HealthCheck of a BackendTrafficPolicy. */
export const healthCheck = z.strictObject({
  active: active.optional(),
  passive: passive.optional(),
  panicThreshold: z.int().min(0).max(100).optional(),
});
